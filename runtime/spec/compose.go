package spec

import (
	"fmt"
	"maps"
	"slices"
)

// composeNames notes attributes of a Compose service that are no fields: what
// they say in Compose would be ignored here. Those whose name is a field's, but
// for the spelling, are near misses.
func (p *parser) composeNames(known []string) {
	for _, name := range slices.Sorted(maps.Keys(p.fields)) {
		if slices.Contains(known, name) || !p.isCompose(name) {
			continue
		}
		meant := composeAttributes()[composeAttribute(name)]
		if !slices.Contains(known, meant.field) {
			meant.field = ""
		}
		p.problems = append(p.problems, Problem{Field: name, Accepted: meant.field, Hint: meant.configure,
			Message: fmt.Sprintf("unknown field %q: %s", name, meant.instead)})
	}
}

// isCompose reports whether a field of the file is one of composeAttributes.
// A method of such a name is the user's own: attributes hold data.
func (p *parser) isCompose(name string) bool {
	o, isOpaque := p.fields[name].(Opaque)
	attribute := composeAttribute(name)
	return attribute != "" && (!isOpaque || o.Kind != "a function" || composeAttributes()[attribute].field != "")
}

// composeAttribute returns the attribute that a name is, in any spelling
// (env_file, envFile), or "".
func composeAttribute(name string) string {
	name = fold(name)
	for attribute := range composeAttributes() {
		if fold(attribute) == name {
			return attribute
		}
	}
	return ""
}

// composeMeaning says how to get what a Compose attribute does.
type composeMeaning struct {
	field     string // the field or hook that is the same; "": there is none
	instead   string // what to write
	configure string // a hint with the hook, where that does it
}

// composeAttributes are the attributes of a service in the Compose
// Specification that are not fields under their name in camelCase.
func composeAttributes() map[string]composeMeaning {
	same := func(field string) composeMeaning {
		return composeMeaning{field: field, instead: fmt.Sprintf("did you mean %q?", field)}
	}
	request := func(line string) composeMeaning {
		return composeMeaning{instead: "set it in a configure hook", configure: "configure(request) { " + line + " }"}
	}
	text := func(instead string) composeMeaning {
		return composeMeaning{instead: instead, configure: "use configure(request) { … } for container settings that have no field"}
	}
	return map[string]composeMeaning{
		"annotations":         request(`request.HostConfig.Annotations = { "name": "value" };`),
		"attach":              text("miniboss does not attach to services; use `miniboss logs SERVICE` to see the output"),
		"blkio_config":        request(`request.HostConfig.BlkioWeight = 300;`),
		"build":               {field: "buildFrom", instead: `write buildFrom = "./directory"; use dockerfile, buildArgs and buildTarget for the rest`},
		"cgroup":              request(`request.HostConfig.CgroupnsMode = "private";`),
		"command":             same("cmd"),
		"configs":             text(`mount the file: volumes = ["./app.conf:/etc/app.conf:ro"]`),
		"container_name":      {field: "name", instead: `write name = "…"; other services reach it by that name`},
		"cpu_count":           {field: "cpus", instead: "write cpus = 2"},
		"cpu_percent":         request(`request.HostConfig.CpuPercent = 50;`),
		"cpu_period":          request(`request.HostConfig.CpuPeriod = 100000;`),
		"cpu_quota":           request(`request.HostConfig.CpuQuota = 50000;`),
		"cpu_rt_period":       request(`request.HostConfig.CpuRealtimePeriod = 1000000;`),
		"cpu_rt_runtime":      request(`request.HostConfig.CpuRealtimeRuntime = 950000;`),
		"cpu_shares":          request(`request.HostConfig.CpuShares = 512;`),
		"cpuset":              request(`request.HostConfig.CpusetCpus = "0-1";`),
		"credential_spec":     request(`request.HostConfig.SecurityOpt = ["credentialspec=file://spec.json"];`),
		"depends_on":          same("dependencies"),
		"deploy":              text("use the fields memory, cpus and restart; replicas are not supported"),
		"develop":             text("use `miniboss reload SERVICE` to rebuild after a change, or mount the sources with volumes"),
		"device_cgroup_rules": request(`request.HostConfig.DeviceCgroupRules = ["c 1:3 mr"];`),
		"dns_opt":             request(`request.HostConfig.DnsOptions = ["ndots:1"];`),
		"domainname":          request(`request.Config.Domainname = "example.org";`),
		"env_file":            {field: "env", instead: `write env = dotenv(".env") and import dotenv from "miniboss"`},
		"environment":         same("env"),
		"expose":              text("remove it: services reach all ports of each other; to publish a port on your machine, use ports"),
		"extends":             text("write a base class: class Web extends Base"),
		"external_links":      text("services reach each other by name; to reach other containers, use extraHosts or start with --network-name NETWORK"),
		"gpus":                request(`request.HostConfig.DeviceRequests = [{ Count: -1, Capabilities: [["gpu"]] }];`),
		"healthcheck": {field: "ping", instead: "write a hook: ping() { return probe.http(…) }",
			configure: `to change the image's healthcheck: configure(request) { request.Config.Healthcheck = { Test: ["CMD-SHELL", "…"], Interval: 1e9 }; }`},
		"isolation":          request(`request.HostConfig.Isolation = "hyperv";`),
		"label_file":         {field: "labels", instead: `write labels = dotenv("./labels") and import dotenv from "miniboss"`},
		"links":              text("services reach each other by name; for the start order, use dependencies"),
		"logging":            request(`request.HostConfig.LogConfig = { Type: "json-file", Config: { "max-size": "10m" } };`),
		"mac_address":        request(`request.Config.MacAddress = "02:42:ac:11:00:02";`),
		"mem_limit":          same("memory"),
		"mem_reservation":    same("memoryReservation"),
		"mem_swappiness":     request(`request.HostConfig.MemorySwappiness = 0;`),
		"memswap_limit":      same("memorySwap"),
		"models":             text("run the model as a service with an image, and put its address in env"),
		"networks":           text("all services share the group's network; use `--network-name` for another one, or networkMode for host, none or bridge"),
		"oom_kill_disable":   request(`request.HostConfig.OomKillDisable = true;`),
		"profiles":           text("use `miniboss start SERVICE` to start some services with their dependencies, or `--exclude SERVICE` to leave one out"),
		"provider":           text("write a hook that creates it: preStart() { return sh(…) }"),
		"pull_policy":        text("missing images are pulled; use `miniboss start --pull` to check for newer ones"),
		"pull_refresh_after": text("use `miniboss start --pull` to check for newer images"),
		"scale":              text("export a class for each instance, each with its own name"),
		"secrets":            text(`mount the file: volumes = ["./secret.txt:/run/secrets/secret:ro"], or use env with process.env`),
		"stop_grace_period":  {field: "stopTimeout", instead: "write stopTimeout = 10, in seconds"},
		"storage_opt":        request(`request.HostConfig.StorageOpt = { size: "10G" };`),
		"umask":              text(`set it in the command: cmd = ["sh", "-c", "umask 027; exec …"]`),
		"use_api_socket":     text(`mount the socket: volumes = ["/var/run/docker.sock:/var/run/docker.sock"]`),
		"userns_mode":        request(`request.HostConfig.UsernsMode = "host";`),
		"uts":                request(`request.HostConfig.UTSMode = "host";`),
		"volumes_from":       text("list the same volume in the volumes of both services"),
	}
}
