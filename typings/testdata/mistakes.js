// @ts-check
// Mistakes that an editor must show. Each line names its own.
import { Service, Suite, context, nothing, onStartServices, probe, sleep } from "miniboss"; // TS2305 no exported member 'nothing'
import { readFile } from "node:http"; // TS2591 Cannot find name 'node:http'

export class Wrong extends Service {
  name = 7; // TS2416 Type 'number' is not assignable to type 'string'
  image = ["postgres"]; // TS2416 Type 'string[]' is not assignable to type 'string'
  ports = [5432]; // TS2416 Property 'ports'
  env = { A: { b: 1 } }; // TS2416 Property 'env'
  volumes = "data:/data"; // TS2416 Property 'volumes'
  dependencies = [Date, Wrong]; // TS2416 Type 'DateConstructor' is not assignable
  stopSignal = 9; // TS2416 Property 'stopSignal'
  cmd = 3; // TS2416 Property 'cmd'
  pingTimeout = "30s"; // TS2416 Type 'string' is not assignable to type 'number'
  oneShot = "yes"; // TS2416 Type 'string' is not assignable to type 'boolean | undefined'
  ping() { // TS2416 Type 'string' is not assignable to type 'boolean | Promise<boolean>'
    return "true";
  }
}

export class Forgotten extends Service { // TS2515 does not implement inherited abstract member image
  name = "forgotten";
  ping() {} // TS2416 Type 'void' is not assignable to type 'boolean | Promise<boolean>'
}

export class Misspelt extends Service {
  name = "misspelt";
  image = "a";
  environment = { A: 1 }; // TS2416 "this is called env"
  enviroment = { A: 1 }; // TS2416 "this is called env"
  always_start_new = true; // TS2416 "this is called alwaysStartNew"
  dependsOn = [Forgotten]; // TS2416 "this is called dependencies"
  stop_signal = "SIGINT"; // TS2416 "this is called stopSignal"
  stdin_open = true; // TS2416 "this is called stdinOpen"
  envFile = ".env"; // TS2416 "this is called env"
  profiles = ["debug"]; // TS2416 miniboss has no such field
  ulimits = { nofile: "many" }; // TS2416 Property 'ulimits'
  volumes = { "./conf": { target: "/conf" } }; // TS2416 Property 'volumes'
  get stopSignal() { // TS2416 Property 'stopSignal'
    return 9;
  }
  containerName = "web"; // TS2416 "this is called name"
  links = ["db"]; // TS2416 miniboss has no such field
  tty = "yes"; // TS2416 Type 'string' is not assignable to type 'boolean | undefined'

  async ping() { // TS2416 Promise<number>
    return 1;
  }
  async postStart() {
    this.exec(1); // TS2345 Argument of type 'number'
    await this.exec("ls", { cwd: "/" }); // TS2353 'cwd' does not exist in type 'ExecOptions'
    const { exitcode } = await this.exec("ls"); // TS2339 Property 'exitcode' does not exist
    const port = this.hostPort(80).length; // TS2339 Property 'length' does not exist on type 'number'
    this.restartContainer(); // TS2339 Property 'restartContainer' does not exist
    context.x = [exitcode, port];
  }
  configure(/** @type {import("miniboss").CreateRequest} */ request) {
    request.HostConfig.Memory = "1g"; // TS2322 Type 'string' is not assignable to type 'number'
  }
}

export class WrongSuite extends Suite {
  name = 7; // TS2416 Type 'number' is not assignable to type 'string'
  services = [Forgotten, Date]; // TS2416 Type 'DateConstructor' is not assignable
  dependencies = [Wrong]; // TS2416 Property 'dependencies'
  timeout = "5s"; // TS2416 Type 'string' is not assignable to type 'number'
  setup = () => {}; // TS2416 "this is called setUp"
  tearDown = true; // TS2416 Property 'tearDown'
  testIt() {
    this.exec("ls"); // TS2339 Property 'exec' does not exist
  }
}

export class NamelessSuite extends Suite { // TS2515 does not implement inherited abstract member name
  testIt() {}
}

onStartServices("done"); // TS2345 Argument of type 'string'
probe.http(); // TS2554 Expected 1-2 arguments
probe.http("http://x", { statsu: 200 }); // TS2561 Did you mean to write 'status'
probe.ping("localhost"); // TS2339 Property 'ping' does not exist on type 'Probe'
probe.exec(Date, "ls"); // TS2345 Argument of type 'DateConstructor'
sleep("1s"); // TS2345 Argument of type 'string'
document.title; // TS2584 Cannot find name 'document'
process.memoryUsage(); // TS2339 Property 'memoryUsage' does not exist on type 'Process'
new WebSocket("ws://localhost"); // TS2304 Cannot find name 'WebSocket'
fetch("http://x", { methd: "POST" }); // TS2561 Did you mean to write 'method'
fetch("http://x").json(); // TS2339 Property 'json' does not exist on type 'Promise<Response>'
new URL(); // TS2554 Expected 1-2 arguments
console.success("x"); // TS2339 Property 'success' does not exist on type 'Console'
readFile;
