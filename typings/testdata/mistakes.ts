// Mistakes that an editor must show. Each line names its own.
import { Service, context, type StopSignal } from "miniboss";

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
