(function (native, exports, global) {
  "use strict";

  const windows = native.platform === "win32";
  const { env } = native;
  const variable = (...names) => {
    for (const name of names) if (env[name]) return env[name];
  };
  const trimmed = (dir, least) => (dir.length > least && /[\\/]$/.test(dir) && !/:[\\/]$/.test(dir) ? dir.slice(0, -1) : dir);
  const facts = native.system; // what does not change while the file runs

  native.nodeOS = {
    EOL: windows ? "\r\n" : "\n",
    devNull: windows ? "\\\\.\\nul" : "/dev/null",
    arch: () => native.arch,
    platform: () => native.platform,
    type: () => ({ win32: "Windows_NT", darwin: "Darwin", linux: "Linux" })[native.platform] ?? native.platform,
    endianness: () => "LE",
    availableParallelism: () => facts().cpus,
    cpus: () => Array.from({ length: facts().cpus }, () => ({ model: "", speed: 0, times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 } })),
    homedir: () => variable(windows ? "USERPROFILE" : "HOME") ?? facts().homedir,
    tmpdir: () => (windows
      ? trimmed(variable("TEMP", "TMP") ?? `${variable("SystemRoot", "windir") ?? ""}\\temp`, 1)
      : trimmed(variable("TMPDIR", "TMP", "TEMP") ?? "/tmp", 1)),
    hostname: () => facts().hostname,
    userInfo: () => ({ uid: facts().uid, gid: facts().gid, username: facts().username, homedir: facts().homedir, shell: facts().shell }),
    networkInterfaces: () => native.interfaces(),
  };
})
