// Names like those of what there is, which nobody has installed.
import fonts from "fonts"; // TS2307 Cannot find module 'fonts'
import options from "options"; // TS2307 Cannot find module 'options'
import { Client } from "urql"; // TS2307 Cannot find module 'urql'
import patch from "patch"; // TS2307 Cannot find module 'patch'
import extra from "fs-extra"; // TS2307 Cannot find module 'fs-extra'
import until from "until"; // TS2307 Cannot find module 'until'
import below from "node:fs/sync"; // TS2307 Cannot find module 'node:fs/sync'
import longer from "node:osx"; // TS2307 Cannot find module 'node:osx'
import net from "node:net"; // TS2591 Cannot find name 'node:net'
import image from "./logo.png"; // TS2307 Cannot find module './logo.png'
import list from "some.txt"; // TS2307 Cannot find module 'some.txt'
export default [fonts, options, Client, patch, extra, until, below, longer, net, image, list];
