// @ts-check
// What is imported may be passed on, and required.
export * from "miniboss";
const { probe } = require("miniboss");
export const dotless = probe.tcp("localhost:1");
