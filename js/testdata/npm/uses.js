// What the packages do, the same under Node and here.
import { z } from "zod";
import { nanoid, customAlphabet } from "nanoid";
import dayjs from "dayjs";
import relativeTime from "dayjs/plugin/relativeTime.js";
import { chunk, debounce, groupBy, merge, camelCase, cloneDeep, isEqual } from "lodash-es";
import YAML from "yaml";
import { v4, v5, v7, validate, version } from "uuid";
import ms from "ms";
import { Chalk } from "chalk";

const Config = z.object({ port: z.number().int().min(1), host: z.string().default("localhost"), tags: z.array(z.string()).optional(), mail: z.email().optional() });
console.log(Config.parse({ port: 8080, tags: ["a"] }));
const wrong = Config.safeParse({ port: "x", mail: "nobody" });
console.log(wrong.success, wrong.error.issues.map((i) => [i.path.join("."), i.code, i.message]));

console.log(nanoid().length, /^[\w-]{21}$/.test(nanoid()), customAlphabet("ab", 8)().length, nanoid() !== nanoid());

dayjs.extend(relativeTime);
console.log(dayjs("2026-02-28T10:20:30Z").add(1, "month").format("YYYY-MM-DD HH:mm:ss"), dayjs("2026-01-01").from(dayjs("2026-03-01")), dayjs("nonsense").isValid());

console.log(chunk([1, 2, 3, 4, 5], 2), groupBy(["one", "two", "three"], "length"), merge({ a: { b: 1 } }, { a: { c: 2 } }), camelCase("some words here"), isEqual(cloneDeep({ a: [1] }), { a: [1] }));
console.log(await new Promise((done) => debounce(() => done("debounced"), 1)()));

const text = YAML.stringify({ services: { db: { image: "postgres:17", ports: [5432], env: { A: "yes", B: null } } } });
console.log(text, YAML.parse(text), YAML.parse("a: &x [1, 2]\nb: *x\nc: |\n  several\n  lines\n"));
try { YAML.parse("a: [1"); } catch (e) { console.log(e.name, e.code); }

console.log(validate(v4()), version(v7()), v5("miniboss", v5.DNS), v4() !== v4());
console.log(ms("2 days"), ms(60_000), ms("1.5h"), ms(3_000, { long: true }));
const chalk = new Chalk({ level: 1 });
console.log(JSON.stringify(chalk.red.bold("text") + chalk.blue(`a ${chalk.underline("b")}`)));
