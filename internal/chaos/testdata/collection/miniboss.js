// Six services that use whatever a kill could break, and two suites. Each hook
// of a service writes a line to $HOOKS and sets values on the context.
import { Service, Suite, groupName, context, probe } from "miniboss";
import fs from "node:fs";

const { GROUP, IMAGE, HOOKS, VARIANT, WHO, P1, P2 } = process.env;
groupName(GROUP);

function note(...words) {
  fs.appendFileSync(HOOKS, [WHO, ...words].join(" ") + "\n");
}

class Base extends Service {
  image = IMAGE;
  env = { VARIANT };
  preStart() {
    note("preStart", this.name);
    context["pre-" + this.name] = VARIANT;
  }
  async postStart() {
    const { Id } = await this.inspect();
    note("postStart", this.name, Id);
    context[this.name] = Id;
  }
  preStop() {
    note("preStop", this.name);
    context.stops = (context.stops ?? 0) + 1;
  }
  postStop() { note("postStop", this.name); }
}

export class Database extends Base {
  name = "db";
  cmd = "-http :80";
  ports = { 80: `127.0.0.1:${P1}` };
  volumes = ["data:/data"];
  ping() { return probe.http(`http://127.0.0.1:${P1}/health`); }
}

export class Migration extends Base {
  name = "migrate";
  cmd = "exit 0";
  oneShot = true;
  dependencies = [Database];
}

export class Application extends Base {
  name = "app";
  image = `${GROUP}-app:dev`;
  buildFrom = "app";
  buildArgs = { BASE: IMAGE, GROUP };
  cmd = "-http :80";
  ports = { 80: `127.0.0.1:${P2}` };
  dependencies = [Database];
  ping() { return probe.http(`http://127.0.0.1:${P2}/health`); }
}

export class Web extends Base {
  name = "web";
  // What the hooks of another service set is in the definition.
  env = { VARIANT, DB: context.db };
  dependencies = [Application, "migrate"];
  ping() { return true; }
}

export class Quiet extends Base { name = "quiet"; } // without ping

export class Side extends Base {
  name = "side";
  dependencies = ["quiet"];
  ping() { return probe.exec(this, "/testserver echo well"); }
}

class Inside extends Suite {
  services = ["web", "side"];
  image = IMAGE;
  setUp() { console.log("setUp"); }
}

export class Waits extends Inside { name = "waits"; } // until it is told to end

export class Passes extends Inside {
  name = "passes";
  cmd = "exit 0";
}
