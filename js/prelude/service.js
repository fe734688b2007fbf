(function (native, exports, global) {
  "use strict";

  // Which service an instance is of; native.name sets it once the instance is
  // made. While it is being made there is no container to talk to.
  const names = new WeakMap();
  native.name = (instance, name) => { names.set(instance, name); };
  native.nameOf = (instance) => names.get(instance);

  const nameFor = (instance, method) => {
    const name = names.get(instance);
    if (name === undefined) {
      throw new Error(`${method}() can only be called in a hook: there is no container while the fields are evaluated`);
    }
    return name;
  };

  class Service {
    constructor() {
      native.capture(this);
    }
    exec(cmd, options) {
      return native.exec(nameFor(this, "exec"), cmd, options);
    }
    logs(options) {
      return native.logs(nameFor(this, "logs"), options);
    }
    hostPort(port) {
      return native.hostPort(nameFor(this, "hostPort"), port);
    }
    inspect() {
      return native.inspectContainer(nameFor(this, "inspect"));
    }
  }

  class Suite {
    constructor() {
      native.capture(this);
    }
  }

  exports.Service = Service;
  exports.Suite = Suite;

  const { getPrototypeOf } = Object;
  const isPlain = (v) => {
    const proto = getPrototypeOf(v);
    return proto === null || proto === Object.prototype || native.isNamespace(v);
  };
  const namespaces = new WeakSet();
  native.isNamespace = (v) => namespaces.has(v);

  // collect finds the services and suites in what the file exports, also in
  // arrays and plain objects.
  native.collect = (namespace) => {
    namespaces.add(namespace);
    const found = { services: [], suites: [], instances: [] };
    const seen = new Set();
    const visit = (value, depth) => {
      if (value === null || depth > 16) return;
      if (typeof value === "function") {
        if (native.placeholderPath(value) !== undefined || seen.has(value)) return;
        seen.add(value);
        if (value.prototype instanceof Service) found.services.push(value);
        else if (value.prototype instanceof Suite) found.suites.push(value);
        return;
      }
      if (typeof value !== "object" || seen.has(value)) return;
      seen.add(value);
      if (value instanceof Service || value instanceof Suite) {
        found.instances.push(value.constructor);
      } else if (Array.isArray(value)) {
        for (const v of value) visit(v, depth + 1);
      } else if (isPlain(value)) {
        for (const key of Object.keys(value)) visit(value[key], depth + 1);
      }
    };
    visit(namespace, 0);
    return found;
  };

  const text = (what, name) => {
    if (typeof name !== "string") throw new TypeError(`${what}: a name must be a string, not ${name === null ? "null" : typeof name}`);
    return name;
  };
  exports.groupName = function groupName(name) {
    native.groupName(text("groupName", name));
  };
  for (const list of ["onStartServices", "onStopServices", "onReloadService"]) {
    exports[list] = { [list](callback) {
      if (typeof callback !== "function") {
        throw new TypeError(`${list} takes a function, not ${callback === null ? "null" : typeof callback}`);
      }
      native.listen(list, callback);
    } }[list];
  }
})
