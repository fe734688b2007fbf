(function (native, exports, global) {
  "use strict";

  const text = (v, name) => {
    if (typeof v !== "string") throw native.invalidType(name, ["string"], v);
  };

  // make makes the functions for one kind of paths. A path is a root, such as
  // "/", "C:", "C:\" or "\\server\share\", and names after it.
  const make = (windows) => {
    const sep = windows ? "\\" : "/";
    const isSep = (c) => c === "/" || (windows && c === "\\");
    const isDrive = (p) => windows && /^[A-Za-z]:/.test(p);
    const names = windows ? /[^\\/]+/g : /[^/]+/g;

    // rootOf returns the device, the length of the root, and whether names
    // after it begin there.
    const rootOf = (p) => {
      if (!windows) return { device: "", end: isSep(p[0]) ? 1 : 0, absolute: isSep(p[0]) };
      if (isDrive(p)) {
        const absolute = isSep(p[2]);
        return { device: p.slice(0, 2), end: absolute ? 3 : 2, absolute };
      }
      const unc = /^[\\/]{2}([^\\/]+)[\\/]+([^\\/]+)/.exec(p);
      if (unc) return { device: `\\\\${unc[1]}\\${unc[2]}`, end: unc[0].length, absolute: true, unc: true };
      return { device: "", end: isSep(p[0]) ? 1 : 0, absolute: isSep(p[0]) };
    };
    // The root as it stands in the path, with the separator after a share.
    const rootEnd = (p) => {
      const { end, unc } = rootOf(p);
      return unc && end < p.length ? end + 1 : end;
    };
    const tidy = (p, absolute) => {
      const out = [];
      for (const name of p.match(names) ?? []) {
        if (name === ".") continue;
        if (name !== "..") out.push(name);
        else if (out.length > 0 && out.at(-1) !== "..") out.pop();
        else if (!absolute) out.push(name);
      }
      return out.join(sep);
    };
    // Where the last name begins and ends, at or after a place.
    const lastName = (p, from) => {
      let end = p.length;
      while (end > from && isSep(p[end - 1])) end--;
      let start = end;
      while (start > from && !isSep(p[start - 1])) start--;
      return { start, end };
    };
    const extension = (base) => {
      const dot = base.lastIndexOf(".");
      return dot <= 0 || base === ".." ? "" : base.slice(dot);
    };

    const path = {
      sep,
      delimiter: windows ? ";" : ":",
      normalize(p) {
        text(p, "path");
        if (p === "") return ".";
        const { device, end, absolute, unc } = rootOf(p);
        let tail = tidy(p.slice(end), absolute);
        if (unc && end === p.length) return `${device}${sep}`;
        if (tail === "" && !absolute) tail = ".";
        if (tail !== "" && isSep(p.at(-1))) tail += sep;
        if (windows && !absolute && device === "" && p.includes(":")) {
          // It must not become the path of a drive or a device.
          if (isDrive(tail) || /:([\\/]|$)/.test(p)) return `.\\${tail}`;
        }
        return `${device}${absolute ? sep : ""}${tail}`;
      },
      isAbsolute(p) {
        text(p, "path");
        return isSep(p[0]) || (isDrive(p) && isSep(p[2]));
      },
      join(...parts) {
        for (const p of parts) text(p, "path");
        parts = parts.filter((p) => p !== "");
        if (parts.length === 0) return ".";
        let joined = parts.join(sep);
        // Only a first part that is a share may make the whole one.
        if (windows && !/^[\\/]{2}[^\\/]/.test(parts[0])) joined = joined.replace(/^[\\/]{2,}/, "\\");
        return path.normalize(joined);
      },
      resolve(...parts) {
        let device = "", tail = "", absolute = false;
        for (let i = parts.length - 1; i >= -1; i--) {
          let p = i >= 0 ? parts[i] : global.process.cwd();
          if (i >= 0) text(p, `paths[${i}]`);
          else if (windows && device !== "") {
            p = native.env[`=${device}`] || p;
            if (p.slice(0, 2).toLowerCase() !== device.toLowerCase() && p[2] === "\\") p = `${device}\\`;
          }
          if (p === "") continue;
          const root = rootOf(p);
          if (root.device !== "") {
            if (device === "") device = root.device;
            else if (root.device.toLowerCase() !== device.toLowerCase()) continue;
          }
          if (!absolute) {
            tail = `${p.slice(root.end)}${sep}${tail}`;
            absolute = root.absolute;
          }
          if (absolute && (!windows || device !== "")) break;
        }
        return `${device}${absolute ? sep : ""}${tidy(tail, absolute)}` || ".";
      },
      relative(from, to) {
        text(from, "from");
        text(to, "to");
        if (from === to) return "";
        [from, to] = [path.resolve(from), path.resolve(to)];
        const same = windows ? (a, b) => a?.toLowerCase() === b?.toLowerCase() : (a, b) => a === b;
        if (same(from, to)) return "";
        const [here, there] = [from.match(names) ?? [], to.match(names) ?? []];
        let common = 0;
        while (common < here.length && common < there.length && same(here[common], there[common])) common++;
        if (windows && common === 0) return to;
        return [...here.slice(common).map(() => ".."), ...there.slice(common)].join(sep);
      },
      dirname(p) {
        text(p, "path");
        if (p === "") return ".";
        const root = rootEnd(p);
        // Separators at the end do not count, and of those before the last
        // name only one is cut off.
        let end = p.length;
        const first = windows ? root : 1;
        while (end > first && isSep(p[end - 1])) end--;
        while (end > first && !isSep(p[end - 1])) end--;
        if (end <= first) return p.slice(0, root) || ".";
        return !windows && root === 1 && end === 2 ? "//" : p.slice(0, end - 1);
      },
      basename(p, suffix) {
        if (suffix !== undefined) text(suffix, "suffix");
        text(p, "path");
        if (suffix !== undefined && suffix !== "" && suffix === p) return "";
        const { start, end } = lastName(p, isDrive(p) ? 2 : 0);
        const base = p.slice(start, end);
        return suffix && base !== suffix && base.endsWith(suffix) ? base.slice(0, -suffix.length) : base;
      },
      extname(p) {
        text(p, "path");
        return extension(path.basename(p));
      },
      parse(p) {
        text(p, "path");
        const root = p.slice(0, rootEnd(p));
        const { start, end } = lastName(p, root.length);
        const base = p.slice(start, end), ext = extension(base);
        return { root, dir: start > root.length ? p.slice(0, start - 1) : root, base, ext, name: ext ? base.slice(0, -ext.length) : base };
      },
      format(parts) {
        if (parts === null || typeof parts !== "object") throw native.invalidType("pathObject", ["object"], parts);
        const dir = parts.dir || parts.root;
        const ext = parts.ext ? `${parts.ext[0] === "." ? "" : "."}${parts.ext}` : "";
        const base = parts.base || `${parts.name || ""}${ext}`;
        if (!dir) return base;
        return dir === parts.root ? `${dir}${base}` : `${dir}${sep}${base}`;
      },
      toNamespacedPath(p) {
        if (!windows || typeof p !== "string" || p === "") return p;
        const full = path.resolve(p);
        if (/^\\\\[^.?]/.test(full)) return `\\\\?\\UNC\\${full.slice(2)}`;
        return /^[A-Za-z]:\\/.test(full) ? `\\\\?\\${full}` : p;
      },
    };
    return path;
  };

  const posix = make(false), win32 = make(true);
  posix.posix = win32.posix = posix;
  posix.win32 = win32.win32 = win32;
  native.path = native.platform === "win32" ? win32 : posix;
})
