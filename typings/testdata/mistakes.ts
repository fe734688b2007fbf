// Mistakes that an editor must show. Each line names its own.
import { Service, context, dotenv, sh, type StopSignal } from "miniboss";
import { createWriteStream } from "node:fs"; // TS2305 has no exported member 'createWriteStream'
import { readFile } from "node:fs/promises";
import { joinn } from "node:path"; // TS2305 has no exported member 'joinn'

declare module "miniboss" {
  interface Context {
    count: number;
  }
}

export class Wrong extends Service {
  name = "wrong";
  image = "a";
  stopSignal: StopSignal = "SIGHUP"; // TS2322 Type '"SIGHUP"' is not assignable to type 'StopSignal'
  override enviromentt = { A: 1 }; // TS4117 Did you mean 'enviroment'
  override async ping(): Promise<boolean> {
    context.count = "one"; // TS2322 Type 'string' is not assignable to type 'number'
    return this.logs(); // TS2322 Type 'string' is not assignable to type 'boolean'
  }
  get ports() { // TS2416 Property 'ports'
    return "5432";
  }
}

new Service(); // TS2511 Cannot create an instance of an abstract class

sh(5); // TS2345 Argument of type 'number'
sh("make", { timeOut: 5 }); // TS2561 'timeOut' does not exist in type 'ShellOptions'
sh("make", { timeout: "5s" }); // TS2322 Type 'string' is not assignable to type 'number'
sh("make").stdout; // TS2339 Property 'stdout' does not exist on type 'Promise<ShellResult>'
const value: number = dotenv().PORT; // TS2322 Type 'string' is not assignable to type 'number'
const content: string = await readFile("a"); // TS2322 Type 'Buffer
readFile("a", "utf9"); // TS2769 No overload matches
void [createWriteStream, joinn, value, content];
