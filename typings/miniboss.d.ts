// The typings of miniboss: what a service file can use, and nothing else.
// Written by "miniboss types --write", which overwrites this file: do not edit it.
// Put your own additions in a file of your own.
//
// They also describe the globals (fetch, process, ...) for editors that know
// neither Node nor browsers. If a project has the types of one of these, those
// types win and the ones here step back.

/* eslint-disable */
// biome-ignore-all lint: generated
// biome-ignore-all format: generated

declare module "miniboss" {
  // Services ///////////////////////////////////////////////////////////////

  /**
   * A service: one container of the group, its fields and its hooks.
   *
   * Every class that the file exports and that extends `Service` is a service.
   * Its fields are class fields or getters. miniboss evaluates them twice: when it
   * loads the file, to check them, and again at the service's turn, when its
   * dependencies are ready. So they can use the values that hooks have set on
   * {@link context}.
   *
   * miniboss finds mistakes in fields when it loads the file, and reports all of
   * them at once.
   *
   * @example
   * export class Database extends Service {
   *   name = "appdb";
   *   image = "postgres:17";
   *   env = { POSTGRES_PASSWORD: "secret" };
   *   ports = { 5432: 5433 };
   *
   *   ping() {
   *     return probe.tcp("localhost:5433");
   *   }
   * }
   */
  export abstract class Service {
    /**
     * The name of the service, unique in the file. Other containers of the
     * group reach it under this name, so it must be a hostname label: letters,
     * digits and hyphens, at most 63 of them. It must be known when the file is
     * loaded, so it cannot depend on {@link context}.
     *
     * A base class that is not exported needs no name: make it `abstract` in
     * TypeScript, or write `name = ""` in JavaScript.
     */
    abstract name: string;

    /**
     * The image. miniboss pulls it if it is missing. With {@link buildFrom},
     * miniboss builds it if it is missing, if what it is built from has changed,
     * and at each start if its tag is `latest`. `{key}` is replaced from
     * {@link context}.
     *
     * @example image = "postgres:17";
     */
    abstract image: string;

    /**
     * Runs a command in the container, from a hook. A string is split into
     * words as a shell does, but no shell runs it: for pipes and variables use
     * `["sh", "-c", "…"]`. A command that fails does not throw: check
     * `exitCode`. Throws if there is no container (yet).
     *
     * @example
     * const { exitCode, stdout } = await this.exec(["psql", "-c", "select 1"]);
     */
    exec(cmd: string | readonly string[], options?: ExecOptions): Promise<ExecResult>;

    /**
     * Returns what the container has written to its standard output and error
     * so far. Throws if there is no container (yet).
     *
     * @example
     * const text = await this.logs({ tail: 20 });
     */
    logs(options?: LogOptions): Promise<string>;

    /**
     * Returns the host port that a container port is published on, even if
     * {@link ports} has `0` for any free port. Throws if the port is not
     * published.
     *
     * @example
     * const port = this.hostPort(8080);
     */
    hostPort(containerPort: number | string): number;

    /** Returns what the engine reports about the container: the same as `docker inspect`. */
    inspect(): Promise<ContainerInspect>;
  }

  // These are here and not in the class so that a getter may take the place of
  // a field: TypeScript allows that for members of an interface only.
  export interface Service extends Misspelt {
    /**
     * The services that must be ready before this one starts: their classes or
     * names. They must be known when the file is loaded, so they cannot depend on
     * {@link context}. Unknown and circular dependencies are errors.
     *
     * @default []
     * @example dependencies = [Database, "cache"];
     */
    dependencies?: readonly (string | ServiceClass)[];

    /**
     * The environment variables. `null` leaves a variable out. `undefined` at the
     * service's turn is an error that names the variable: no hook has set this
     * value of {@link context}, or the variable is missing in `process.env`.
     * `{key}` in a string in the file is replaced from {@link context}; `{{` and
     * `}}` are literal braces there. Values from outside (`process.env`, `dotenv`,
     * `context`, files) are not changed.
     *
     * @default {}
     * @example env = { LEVEL: "debug", WORKERS: 4, USER_ID: context.user.id };
     */
    env?: Env;

    /**
     * The ports to publish: container port to host port. A key is `5432` or
     * `"53/udp"`. A value is a port, `"127.0.0.1:5433"`, or `0` for any free port,
     * which {@link hostPort} returns. miniboss chooses a free port when it creates
     * the container, and the port stays the same when the container is stopped and
     * started. To pass it to other services, set it on {@link context} in a hook.
     *
     * @default {}
     * @example ports = { 5432: 5433, "53/udp": "127.0.0.1:5353", 8080: 0 };
     */
    ports?: Ports;

    /**
     * The volumes: `"source:/path[:mode]"`, or an object by source. A source
     * that begins with `/`, `./`, `../` or `~` is a path, relative to the file;
     * anything else is a named volume that belongs to the group and stays until
     * `miniboss stop --remove --volumes`. `"/path"` alone is an anonymous
     * volume: each new container gets a new one.
     *
     * A path that does not exist when the container is created, after
     * {@link preStart}, is an error. To have miniboss create a directory, end its
     * path with a slash: `"./data/:/data"`.
     *
     * @default {}
     * @example volumes = ["appdb-data:/var/lib/postgresql/data", "./conf:/etc/app:ro"];
     * @example volumes = { "./conf": { bind: "/etc/app", mode: "ro" } };
     */
    volumes?: Volumes;

    /**
     * The arguments of the entrypoint. A string is split into words as a shell
     * does, but no shell runs it: for more, write `["sh", "-c", "a && b"]`.
     *
     * @default the image's
     */
    cmd?: Command;

    /**
     * The program to run. A string is split into words as a shell does.
     *
     * @default the image's
     */
    entrypoint?: Command;

    /**
     * The user in the container: a name or number, with a group after a colon.
     *
     * @default the image's
     */
    user?: string;

    /**
     * The directory in the container that its program starts in.
     *
     * @default the image's
     */
    workingDir?: string;

    /**
     * Creates a new container at each start instead of restarting the stopped
     * one.
     *
     * @default false
     */
    alwaysStartNew?: boolean;

    /**
     * The signal that asks the container to stop: `"SIGTERM"`, `"SIGINT"`,
     * `"SIGQUIT"` or `"SIGKILL"`. Anything else is an error when the file is
     * loaded.
     *
     * @default the image's `STOPSIGNAL`, else `"SIGTERM"`
     */
    stopSignal?: StopSignal | Text;

    /**
     * The build context: the directory to build the image from, relative to the
     * file. Files that its `.dockerignore` names are left out.
     */
    buildFrom?: string;

    /**
     * The Dockerfile, relative to {@link buildFrom}.
     *
     * @default "Dockerfile"
     */
    dockerfile?: string;

    /** Arguments of the build (`ARG`). Needs {@link buildFrom}. */
    buildArgs?: Record<string, Scalar | null>;

    /** The stage of the Dockerfile to build. Needs {@link buildFrom}. */
    buildTarget?: string;

    /** Labels of the container. Labels that begin with `miniboss.` are reserved. */
    labels?: Record<string, Scalar | null>;

    /**
     * Additional entries for `/etc/hosts`.
     *
     * @example extraHosts = { "host.docker.internal": "host-gateway" };
     */
    extraHosts?: readonly string[] | Record<string, string>;

    /**
     * Directories of the container to keep in memory: paths, or paths with mount
     * options.
     *
     * @example tmpfs = { "/tmp": "size=64m" };
     */
    tmpfs?: readonly string[] | Record<string, string>;

    /** Capabilities to add, such as `"NET_ADMIN"`. */
    capAdd?: readonly string[];

    /** Devices of the host: `"/dev/x[:/dev/y[:rwm]]"`. */
    devices?: readonly string[];

    /**
     * The maximum memory the container may use: bytes, or `"512m"`, `"2g"`.
     *
     * @default the engine's: no limit
     */
    memory?: number | string;

    /**
     * The maximum number of processors the container may use, such as `1.5`.
     *
     * @default the engine's: all
     */
    cpus?: number;

    /**
     * The size of `/dev/shm`: bytes, or `"256m"`.
     *
     * @default the engine's: 64 MB
     */
    shmSize?: number | string;

    /**
     * Runs a small init in the container, which passes signals on and reaps
     * zombies.
     *
     * @default false
     */
    init?: boolean;

    /**
     * Gives the container nearly all the rights of the host.
     *
     * @default false
     */
    privileged?: boolean;

    /**
     * When the engine restarts the container on its own: `"no"`, `"always"`,
     * `"unless-stopped"` or `"on-failure[:times]"`.
     *
     * @default "no"
     */
    restart?: RestartPolicy | Text;

    /**
     * The operating system and architecture of the image, such as
     * `"linux/arm64"`.
     *
     * @default the engine's
     */
    platform?: string;

    /**
     * The hostname inside the container. Other services still reach it under its
     * {@link name}.
     *
     * @default {@link name}
     */
    hostname?: string;

    /**
     * The network to use instead of the group's: `"host"`, `"none"` or
     * `"bridge"`. Other services then cannot reach the container under its name.
     * `"host"` and `"none"` cannot have {@link ports}.
     *
     * @default the group's network
     */
    networkMode?: NetworkMode | Text;

    /**
     * Gives the container's program a terminal.
     *
     * @default false
     */
    tty?: boolean;

    /**
     * Keeps the standard input of the container's program open, so that a shell,
     * or a development server that exits when its input ends, stays up.
     *
     * @default false
     */
    stdinOpen?: boolean;

    /**
     * Makes the container's file system read-only, except for {@link volumes} and
     * {@link tmpfs}.
     *
     * @default false
     */
    readOnly?: boolean;

    /** Capabilities to drop, such as `"NET_RAW"`, or `["ALL"]`. */
    capDrop?: readonly string[];

    /** Security options, such as `"no-new-privileges"`. */
    securityOpt?: readonly string[];

    /** Additional groups of the container's user: names or numbers. */
    groupAdd?: readonly (string | number)[];

    /**
     * Limits of the container's processes: one number, or a soft and a hard one.
     * -1 means no limit.
     *
     * @example ulimits = { nofile: 65536, nproc: { soft: 1024, hard: 2048 } };
     */
    ulimits?: Record<string, number | { soft: number; hard: number }>;

    /**
     * Kernel parameters of the container.
     *
     * @example sysctls = { "net.core.somaxconn": 1024 };
     */
    sysctls?: Record<string, Scalar | null>;

    /** IP addresses of the DNS servers that the container uses. */
    dns?: readonly string[];

    /** DNS search domains of the container. */
    dnsSearch?: readonly string[];

    /**
     * The container's IPC namespace: `"none"`, `"private"`, `"shareable"` or
     * `"host"`.
     *
     * @default the engine's
     */
    ipc?: string;

    /** `"host"`: the container sees the processes of the host. */
    pid?: string;

    /**
     * The runtime that runs the container, such as `"runsc"`.
     *
     * @default the engine's
     */
    runtime?: string;

    /** The parent of the container's control group. */
    cgroupParent?: string;

    /** The maximum number of processes in the container; -1 means no limit. */
    pidsLimit?: number;

    /** How readily the kernel kills the container when memory runs out: -1000 (never) to 1000. */
    oomScoreAdj?: number;

    /**
     * The maximum memory and swap together: bytes, `"1g"`, or -1 for no limit.
     * Needs {@link memory}, and includes it.
     */
    memorySwap?: number | string;

    /** The memory that the container keeps when the host runs short: bytes, or `"256m"`. */
    memoryReservation?: number | string;

    /**
     * How long to wait until {@link ping} returns true, in seconds. After that,
     * the service has failed.
     *
     * @default the command's `--timeout`: 300
     */
    pingTimeout?: number;

    /**
     * How long to wait for the container to stop, in seconds, before killing it.
     *
     * @default the command's `--timeout` or `--stop-timeout`, else 10
     */
    stopTimeout?: number;

    /**
     * A service that ends by itself, such as a migration: exit code 0 means ready,
     * anything else means failed. A later start runs it again only if its
     * definition has changed, if it failed, or if a container that it depends on,
     * directly or through other one-shots, was replaced since it ran.
     *
     * @default false
     */
    oneShot?: boolean;

    /**
     * Directories whose changed files to copy into the running container. This
     * has no effect in this version, and miniboss warns you about it.
     *
     * @example sync = { "src/": "/app/src" };
     */
    sync?: Record<string, string>;

    /**
     * A hook: called before a new container is created, but not when an existing
     * one is restarted. If it throws, the service fails.
     */
    preStart?(): unknown;

    /**
     * A hook: is the service ready? miniboss calls it repeatedly, at most 0.1 s
     * apart, from the moment the container runs until it returns `true`. Only then
     * do dependent services start. A failed connection in `fetch`, `sql`, `redis`
     * or a probe means "not yet", even as the `cause` of your own error. Any other
     * error fails the service at once. After {@link pingTimeout}, the service has
     * failed. If a service is already running and ready, each start calls it once.
     *
     * Without a `ping`, a service whose image has a HEALTHCHECK is ready when the
     * healthcheck passes. Any other service is ready when it has stayed up for a
     * second.
     *
     * @example
     * ping() {
     *   return probe.http("http://localhost:8080/health");
     * }
     */
    ping?(): boolean | Promise<boolean>;

    /**
     * A hook: called after the first successful {@link ping} of a new container,
     * but not for an existing one. Dependent services wait for it. If it throws,
     * the service fails.
     */
    postStart?(): unknown;

    /** A hook: called before the container is stopped. */
    preStop?(): unknown;

    /** A hook: called after the container is stopped. */
    postStop?(): unknown;

    /**
     * A hook for everything that no field covers: it gets the request that will
     * create the container, and can change it or return another one.
     *
     * @example
     * configure(request) {
     *   request.HostConfig.ReadonlyRootfs = true;
     * }
     */
    configure?(request: CreateRequest): unknown;
  }

  /**
   * Names that are easily mistaken for fields: misspellings, and names from
   * Compose. miniboss rejects them when it loads the file. They are listed here so
   * that your editor flags them first.
   */
  interface Misspelt {
    /** @deprecated The field is called `env`. */
    enviroment?: Meant<"env">;
    /** @deprecated The field is called `env`. */
    environement?: Meant<"env">;
    /** @deprecated The field is called `env`. */
    envVars?: Meant<"env">;
    /** @deprecated The field is called `dependencies`. */
    dependancies?: Meant<"dependencies">;
    /** @deprecated The field is called `buildFrom`. */
    build_from?: Meant<"buildFrom">;
    /** @deprecated The field is called `alwaysStartNew`. */
    always_start_new?: Meant<"alwaysStartNew">;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    annotations?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    blkioConfig?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    blkio_config?: NoField;
    /** @deprecated The field is called `buildFrom`. */
    build?: Meant<"buildFrom">;
    /** @deprecated The field is called `capAdd`. */
    cap_add?: Meant<"capAdd">;
    /** @deprecated The field is called `capDrop`. */
    cap_drop?: Meant<"capDrop">;
    /** @deprecated The field is called `cgroupParent`. */
    cgroup_parent?: Meant<"cgroupParent">;
    /** @deprecated The field is called `cmd`. */
    command?: Meant<"cmd">;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    configs?: NoField;
    /** @deprecated The field is called `name`. */
    containerName?: Meant<"name">;
    /** @deprecated The field is called `name`. */
    container_name?: Meant<"name">;
    /** @deprecated The field is called `cpus`. */
    cpuCount?: Meant<"cpus">;
    /** @deprecated The field is called `cpus`. */
    cpu_count?: Meant<"cpus">;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    cpuPercent?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    cpu_percent?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    cpuPeriod?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    cpu_period?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    cpuQuota?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    cpu_quota?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    cpuRtPeriod?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    cpu_rt_period?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    cpuRtRuntime?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    cpu_rt_runtime?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    cpuShares?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    cpu_shares?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    cpuset?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    credentialSpec?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    credential_spec?: NoField;
    /** @deprecated The field is called `dependencies`. */
    dependsOn?: Meant<"dependencies">;
    /** @deprecated The field is called `dependencies`. */
    depends_on?: Meant<"dependencies">;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    deviceCgroupRules?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    device_cgroup_rules?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    dnsOpt?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    dns_opt?: NoField;
    /** @deprecated The field is called `dnsSearch`. */
    dns_search?: Meant<"dnsSearch">;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    domainname?: NoField;
    /** @deprecated The field is called `env`. */
    envFile?: Meant<"env">;
    /** @deprecated The field is called `env`. */
    env_file?: Meant<"env">;
    /** @deprecated The field is called `env`. */
    environment?: Meant<"env">;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    externalLinks?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    external_links?: NoField;
    /** @deprecated The field is called `extraHosts`. */
    extra_hosts?: Meant<"extraHosts">;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    gpus?: NoField;
    /** @deprecated The field is called `groupAdd`. */
    group_add?: Meant<"groupAdd">;
    /** @deprecated It is a method, `ping`. */
    healthcheck?: Meant<"ping">;
    /** @deprecated The field is called `labels`. */
    labelFile?: Meant<"labels">;
    /** @deprecated The field is called `labels`. */
    label_file?: Meant<"labels">;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    links?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    logging?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    macAddress?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    mac_address?: NoField;
    /** @deprecated The field is called `memory`. */
    memLimit?: Meant<"memory">;
    /** @deprecated The field is called `memory`. */
    mem_limit?: Meant<"memory">;
    /** @deprecated The field is called `memoryReservation`. */
    memReservation?: Meant<"memoryReservation">;
    /** @deprecated The field is called `memoryReservation`. */
    mem_reservation?: Meant<"memoryReservation">;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    memSwappiness?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    mem_swappiness?: NoField;
    /** @deprecated The field is called `memorySwap`. */
    memswapLimit?: Meant<"memorySwap">;
    /** @deprecated The field is called `memorySwap`. */
    memswap_limit?: Meant<"memorySwap">;
    /** @deprecated The field is called `networkMode`. */
    network_mode?: Meant<"networkMode">;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    networks?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    oomKillDisable?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    oom_kill_disable?: NoField;
    /** @deprecated The field is called `oomScoreAdj`. */
    oom_score_adj?: Meant<"oomScoreAdj">;
    /** @deprecated The field is called `pidsLimit`. */
    pids_limit?: Meant<"pidsLimit">;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    profiles?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    pullPolicy?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    pull_policy?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    pullRefreshAfter?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    pull_refresh_after?: NoField;
    /** @deprecated The field is called `readOnly`. */
    read_only?: Meant<"readOnly">;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    secrets?: NoField;
    /** @deprecated The field is called `securityOpt`. */
    security_opt?: Meant<"securityOpt">;
    /** @deprecated The field is called `shmSize`. */
    shm_size?: Meant<"shmSize">;
    /** @deprecated The field is called `stdinOpen`. */
    stdin_open?: Meant<"stdinOpen">;
    /** @deprecated The field is called `stopTimeout`. */
    stopGracePeriod?: Meant<"stopTimeout">;
    /** @deprecated The field is called `stopTimeout`. */
    stop_grace_period?: Meant<"stopTimeout">;
    /** @deprecated The field is called `stopSignal`. */
    stop_signal?: Meant<"stopSignal">;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    storageOpt?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    storage_opt?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    useApiSocket?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    use_api_socket?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    usernsMode?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    userns_mode?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    volumesFrom?: NoField;
    /** @deprecated There is no such field; `miniboss check` says what to write instead. */
    volumes_from?: NoField;
    /** @deprecated The field is called `workingDir`. */
    working_dir?: Meant<"workingDir">;
    /** @deprecated It is a method, `postStart`. */
    post_start?: Meant<"postStart">;
    /** @deprecated It is a method, `preStart`. */
    pre_start?: Meant<"preStart">;
    /** @deprecated It is a method, `preStop`. */
    pre_stop?: Meant<"preStop">;
  }
  type Meant<Name extends string> = `this is called ${Name}`;
  type NoField = "miniboss has no such field: run miniboss check to see what to write instead";

  // TypeScript widens "SIGINT" in a class field to a string, so such a field must
  // accept any string. The words are what an editor suggests.
  type Text = string & {};
  type Scalar = string | number | boolean;

  /** The values of {@link Service.stopSignal}. */
  export type StopSignal = "SIGTERM" | "SIGINT" | "SIGQUIT" | "SIGKILL";
  /** The values of {@link Service.networkMode}. */
  export type NetworkMode = "host" | "none" | "bridge";
  /** The values of {@link Service.restart}. */
  export type RestartPolicy = "no" | "always" | "unless-stopped" | "on-failure" | `on-failure:${number}`;
  /** Environment variables; see {@link Service.env}. */
  export type Env = Record<string, Scalar | null | undefined>;
  /** Published ports; see {@link Service.ports}. */
  export type Ports = Record<string | number, number | string>;
  /** Volumes; see {@link Service.volumes}. */
  export type Volumes = readonly string[] | Record<string, VolumeTarget>;
  /** Where a volume is in the container; see {@link Service.volumes}. */
  export interface VolumeTarget {
    /** The absolute path in the container. */
    bind: string;
    /** `"rw"`, `"ro"` and others that the engine knows. @default "rw" */
    mode?: string;
    /**
     * Uses an existing volume with exactly this name. miniboss does not create or
     * remove it.
     *
     * @default false
     */
    external?: boolean;
  }
  /** A command: words, or a string that is split into words as a shell does. */
  export type Command = string | readonly (string | number)[];

  /** A class of a service, as {@link Service.dependencies} takes it. */
  // Only the members that identify a service. Otherwise a mistake in a field of one
  // class would be reported again in every class that depends on it.
  export type ServiceClass = new () => Pick<Service, "name" | "image" | "exec" | "logs" | "hostPort" | "inspect">;

  /** Options of {@link Service.exec}. */
  export interface ExecOptions {
    /** Additional environment variables. */
    env?: Record<string, Scalar>;
    /** The user to run the command as. @default the container's */
    user?: string;
    /** The directory to run the command in. @default the container's */
    workingDir?: string;
    /** What the command can read from its standard input. @default nothing */
    stdin?: string;
  }

  /** The result of a command in a container. */
  export interface ExecResult {
    exitCode: number;
    stdout: string;
    stderr: string;
  }

  /** Options of {@link Service.logs}. */
  export interface LogOptions {
    /** Return only this many lines from the end. @default all */
    tail?: number;
    /**
     * Return only what was written since then: a `Date`, seconds ago, `"5m"`, or the time of a line as `timestamps`
     * shows it (`"2026-01-31T12:00:00Z"`).
     */
    since?: Date | number | string;
    /** Put the time before each line. @default false */
    timestamps?: boolean;
  }

  /**
   * The request that creates a container, as defined by the engine's API. Only the
   * parts that are often used are listed here. For all the others, see
   * https://docs.docker.com/reference/api/engine/.
   */
  export interface CreateRequest {
    Config: {
      Image: string;
      Hostname?: string;
      Domainname?: string;
      User?: string;
      WorkingDir?: string;
      /** Each is `"NAME=value"`. */
      Env?: string[];
      Cmd?: string[];
      Entrypoint?: string[];
      Labels?: Record<string, string>;
      ExposedPorts?: Record<string, {}>;
      StopSignal?: string;
      Tty?: boolean;
      OpenStdin?: boolean;
      /** Times are in nanoseconds. */
      Healthcheck?: { Test?: string[]; Interval?: number; Timeout?: number; StartPeriod?: number; Retries?: number };
      [key: string]: any;
    };
    HostConfig: {
      NetworkMode?: string;
      PortBindings?: Record<string, { HostIp?: string; HostPort?: string }[]>;
      /** Each is `"/source:/path[:mode]"`. */
      Binds?: string[];
      Mounts?: { Type: string; Source?: string; Target: string; ReadOnly?: boolean; [key: string]: any }[];
      ExtraHosts?: string[];
      Tmpfs?: Record<string, string>;
      CapAdd?: string[];
      CapDrop?: string[];
      SecurityOpt?: string[];
      Sysctls?: Record<string, string>;
      Ulimits?: { Name: string; Soft: number; Hard: number }[];
      Dns?: string[];
      Devices?: { PathOnHost: string; PathInContainer: string; CgroupPermissions: string }[];
      DeviceRequests?: { Driver?: string; Count?: number; DeviceIDs?: string[]; Capabilities?: string[][]; [key: string]: any }[];
      /** Bytes. */
      Memory?: number;
      /** Billionths of a processor. */
      NanoCpus?: number;
      /** Bytes. */
      ShmSize?: number;
      PidsLimit?: number;
      Init?: boolean;
      Privileged?: boolean;
      ReadonlyRootfs?: boolean;
      RestartPolicy?: { Name: string; MaximumRetryCount?: number };
      LogConfig?: { Type: string; Config?: Record<string, string> };
      [key: string]: any;
    };
    NetworkingConfig: {
      EndpointsConfig?: Record<string, { Aliases?: string[]; [key: string]: any }>;
      [key: string]: any;
    };
    Platform?: string;
    [key: string]: any;
  }

  /** What the engine reports about a container, as defined by its API. Fields that are not listed here are there too. */
  export interface ContainerInspect {
    Id: string;
    /** Begins with a `/`. */
    Name: string;
    Created: string;
    /** The id of the image. */
    Image: string;
    RestartCount: number;
    State: {
      Status: string;
      Running: boolean;
      Paused: boolean;
      OOMKilled: boolean;
      Pid: number;
      ExitCode: number;
      Error: string;
      StartedAt: string;
      FinishedAt: string;
      Health?: { Status: string; FailingStreak: number; [key: string]: any };
      [key: string]: any;
    };
    Config: { [key: string]: any };
    HostConfig: { [key: string]: any };
    Mounts: { Type: string; Name?: string; Source: string; Destination: string; Mode: string; RW: boolean; [key: string]: any }[];
    NetworkSettings: {
      Ports: Record<string, { HostIp: string; HostPort: string }[] | null>;
      Networks: Record<string, { IPAddress: string; Gateway: string; [key: string]: any }>;
      [key: string]: any;
    };
    [key: string]: any;
  }

  // The file ///////////////////////////////////////////////////////////////

  /**
   * Names the group that the services of the file belong to. The group keeps
   * the containers, networks and volumes of different files apart. Call it once,
   * while the file is loaded. A name has lower-case letters, digits, and, after
   * the first character, `_ . -`.
   *
   * @default the name of the file's directory, in the letters of a hostname; with
   * a short hash if other letters had to be left out
   */
  export function groupName(name: string): void;

  /**
   * An object for values that hooks share with each other and with the fields of
   * later services: plain properties with values that JSON can hold. Setting
   * anything else is a TypeError that names the property.
   *
   * miniboss saves it in `.miniboss-context` next to the file after every hook
   * that changed it, loads it at the next start, and removes it with
   * `miniboss stop --remove`.
   *
   * @example
   * async postStart() {
   *   context.token = await login();
   * }
   */
  export const context: Context;

  /**
   * The type of {@link context}: any property. Declare yours to have your editor
   * check and complete them.
   *
   * @example
   * // in a .ts file that imports "miniboss"
   * declare module "miniboss" {
   *   interface Context {
   *     firstTodo: number;
   *   }
   * }
   */
  export interface Context {
    [key: string]: any;
  }

  /**
   * Calls a function after `miniboss start` with the names of the services that
   * this command started: an empty list if all of them were already running. It
   * is not called if everything that had to start failed. If it throws, miniboss
   * reports the error and exits with code 1; the services stay as they are.
   */
  export function onStartServices(callback: (names: string[]) => unknown): void;

  /** Like {@link onStartServices}, but after `miniboss stop`, with the names of the services that were stopped. */
  export function onStopServices(callback: (names: string[]) => unknown): void;

  /** Like {@link onStartServices}, but after `miniboss reload`, with the name of the service. */
  export function onReloadService(callback: (name: string) => unknown): void;

  /** Resolves after this many milliseconds. */
  export function sleep(ms: number): Promise<void>;

  /** Writes messages. Takes the same arguments as `console.log`. */
  export const log: Log;
  export interface Log {
    info(...values: unknown[]): void;
    /** Shown as a warning. */
    warn(...values: unknown[]): void;
    /** Shown as an error. It does not make anything fail: for that, throw an error. */
    error(...values: unknown[]): void;
  }

  /**
   * Runs a command on this machine. A string runs in a shell (`sh -c`, on Windows
   * `cmd.exe /c`), an array of words without one. Rejects if the command cannot be
   * started, or if its exit code is not 0; the message then has the end of its
   * output.
   *
   * When its `timeout` or the time of the hook is up, or on Ctrl-C, miniboss ends
   * the command and everything that it started.
   *
   * @example
   * const { stdout } = await sh("git rev-parse HEAD");
   * await sh(["npm", "run", "build"], { cwd: "web", timeout: 60_000 });
   */
  export function sh(command: string | readonly string[], options?: ShellOptions): Promise<ShellResult>;

  /** Options of {@link sh}. */
  export interface ShellOptions {
    /** The directory to run the command in, relative to the file. @default the file's directory */
    cwd?: string | URL;
    /** Environment variables in addition to those of `process.env`. `null` and `undefined` leave a variable out. */
    env?: Record<string, Scalar | null | undefined>;
    /** How long the command may run, in milliseconds. After that, miniboss ends it and the call rejects with the code `ETIMEDOUT`. @default no limit */
    timeout?: number;
    /** Reject if the exit code is not 0. @default true */
    check?: boolean;
    /** What the command can read from its standard input. @default nothing */
    input?: string | ArrayBufferView;
  }

  /**
   * The result of a command. The error of {@link sh} has the same properties.
   */
  export interface ShellResult {
    /** If a signal ended the command: 128 plus the number of the signal. */
    exitCode: number;
    stdout: string;
    stderr: string;
  }

  /**
   * Reads files of `NAME=value` lines, as the npm package dotenv does: any name is
   * allowed, and `$` has no meaning unless `expand` is set. If several files set the
   * same name, the last one wins. `process.env` does not change.
   *
   * @param args paths relative to the service file (default: `.env`), then options
   * @throws if a file does not exist, unless `optional` is set
   * @example env = { ...dotenv(".env", ".env.test", { optional: true }), LEVEL: "debug" };
   */
  export function dotenv(...args: string[] | [...string[], DotenvOptions]): Record<string, string>;

  /** Options of {@link dotenv}. */
  export interface DotenvOptions {
    /** Skip files that do not exist. Default: false. */
    optional?: boolean;
    /**
     * Replace `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME:+alternative}`, as the npm
     * package dotenv-expand does: with the variables of the environment, then with those
     * above in the files. `\$` is a dollar sign. Default: false.
     */
    expand?: boolean;
  }

  // Probes /////////////////////////////////////////////////////////////////

  /**
   * Ready-made pings. Each asks once and resolves to `true` or `false`. A refused
   * connection, a wrong answer, or no answer within 5 s is `false`; if the service
   * fails in the end, the message says which of these it was. A mistake, such as a
   * bad URL, rejects.
   *
   * @example
   * ping() {
   *   return probe.http("http://localhost:8080/health");
   * }
   */
  export const probe: Probe;
  export interface Probe {
    /** Does an HTTP server answer as expected? Redirects count as answers and are not followed. */
    http(url: string | URL, options?: HTTPProbeOptions): Promise<boolean>;

    /**
     * Does something listen on `"host:port"`? The engine's proxy accepts
     * connections to a published port even if nothing listens in the container;
     * this probe detects that.
     */
    tcp(address: string): Promise<boolean>;

    /**
     * Does a database answer a query? Use a query that only works when everything
     * you need is there. The URL is the same as for {@link sql}.
     *
     * @param query default: only connect
     */
    sql(url: string | URL, query?: string): Promise<boolean>;

    /** Does a Redis server answer PING? The URL is the same as for {@link redis}. */
    redis(url: string | URL): Promise<boolean>;

    /** Does a command in a service's container exit with code 0? */
    exec(service: ServiceReference, cmd: string | readonly string[]): Promise<boolean>;

    /**
     * Has the container written something that matches since it was last started?
     * `^` and `$` match the ends of a line. A string is searched for literally.
     */
    log(service: ServiceReference, pattern: RegExp | string): Promise<boolean>;

    /** Does the container's HEALTHCHECK pass? Throws if it has none. */
    healthy(service: ServiceReference): Promise<boolean>;
  }
  /** A service: `this`, the class, or the name. */
  export type ServiceReference = string | ServiceClass | InstanceType<ServiceClass>;

  /** Options of {@link Probe.http}. */
  export interface HTTPProbeOptions {
    /** The status, or several, that means ready. @default 200 to 399 */
    status?: number | readonly number[];
    /** @default "GET" */
    method?: string;
    headers?: HeadersGiven;
    body?: string;
    /** How long to wait for the answer, in milliseconds. @default 5000 */
    timeout?: number;
  }

  // Databases //////////////////////////////////////////////////////////////

  /**
   * A connection to a PostgreSQL or MySQL database:
   * `postgres://user:password@host:5432/database` or `mysql://…`. It connects at
   * the first query, runs one query at a time, and is closed with the file at the
   * latest. Throws a TypeError if the URL is invalid.
   *
   * @example
   * const db = sql("postgres://dbuser:dbpwd@localhost:5433/appdb");
   * const [user] = await db.query("select * from users where name = $1", ["mia"]);
   * await db.close();
   */
  export function sql(url: string | URL): Database;
  export interface Database {
    /**
     * Runs a statement and returns its rows. Write parameters as `$1`, `$2` in
     * PostgreSQL and as `?` in MySQL. Decimal numbers, and integers too large for
     * a number, are returned as strings, times as `Date`, JSON parsed, and bytes as
     * `Buffer`. If the server reports an error, rejects with its message and code.
     */
    query<Row = Record<string, any>>(text: string, params?: readonly unknown[]): Promise<Row[]>;
    /** Runs a statement, or several if there are no parameters, and returns the number of rows changed. */
    exec(text: string, params?: readonly unknown[]): Promise<{ rowCount: number }>;
    close(): Promise<void>;
  }

  /**
   * A connection to a Redis server, `redis://user:password@host:6379/0`, or
   * `rediss://` with TLS. It connects at the first command. Throws a TypeError if
   * the URL is invalid.
   *
   * @example
   * const client = redis("redis://localhost:6379");
   * await client.command("SET", "answer", 42);
   */
  export function redis(url: string | URL): Redis;
  export interface Redis {
    /** Runs a command and returns its reply: a string, a number, null, or an array of these. */
    command(name: string, ...args: (string | number | bigint | ArrayBufferLike | ArrayBufferView)[]): Promise<any>;
    close(): Promise<void>;
  }

  // Suites /////////////////////////////////////////////////////////////////

  /**
   * A suite of tests, for `miniboss test`. Every class that the file exports and
   * that extends `Suite` is a suite. miniboss starts the services that it needs
   * first, and leaves them as it found them.
   *
   * Its tests are the methods whose names begin with `test`, sync or async, its
   * own and inherited ones, in source order. A test fails if it throws. All tests
   * run on one instance, on your machine, and see {@link context}.
   *
   * A suite with an {@link image} runs in a container on the group's network
   * instead, and passes if the exit code is 0.
   *
   * @example
   * export class Todos extends Suite {
   *   name = "todos";
   *   services = [Application];
   *
   *   async testList() {
   *     const answer = await fetch("http://localhost:8080/todos");
   *     if (!answer.ok) throw new Error(`status ${answer.status}`);
   *   }
   * }
   */
  export abstract class Suite {
    /**
     * The name of the suite, unique among the suites of the file: letters,
     * digits and hyphens, at most 63. It cannot depend on {@link context}.
     */
    abstract name: string;
  }

  export interface Suite extends MisspeltInSuites {
    /**
     * The services that the suite needs: their classes or names. They are started
     * before the suite, with their dependencies.
     *
     * @default []
     */
    services?: readonly (string | ServiceClass)[];

    /**
     * The suites that must have passed before this one runs: their classes or
     * names. Their {@link tearDown} waits for this one. If one of them fails, this
     * one is skipped. Suites that do not depend on each other run side by side.
     *
     * @default []
     */
    dependencies?: readonly (string | SuiteClass)[];

    /**
     * How long {@link setUp}, each test, {@link tearDown} and the container may
     * take, in seconds. After that, they have failed.
     *
     * @default the command's `--timeout`: 300
     */
    timeout?: number;

    /**
     * The image of the container that runs the suite. The suite then has no test
     * methods. `{key}` is replaced from {@link context}, as in a service. miniboss
     * reads the fields after {@link setUp}, which may change them.
     */
    image?: string;

    /** The arguments of the container's entrypoint. Needs {@link image}. @default the image's */
    cmd?: Command;

    /** The program that the container runs. Needs {@link image}. @default the image's */
    entrypoint?: Command;

    /** The environment variables of the container; see {@link Service.env}. */
    env?: Env;

    // Without an image, the suite can use the name for something else.
    /** With {@link image}: the user in the container, a string. */
    user?: any;

    /** The directory in the container that its program starts in. Needs {@link image}. @default the image's */
    workingDir?: string;

    /** The volumes of the container; see {@link Service.volumes}. Needs {@link image}. */
    volumes?: Volumes;

    /** Called before the first test. If it throws, all tests fail. */
    setUp?(): unknown;

    /**
     * Called after the last test, when the suites that depend on this one are done.
     * It is always called if {@link setUp} was called, even if that failed.
     */
    tearDown?(): unknown;
  }

  /** Names that are easily mistaken for the names that suites have. miniboss rejects them. */
  interface MisspeltInSuites {
    /** @deprecated It is a method, `setUp`. */
    setup?: Meant<"setUp">;
    /** @deprecated It is a method, `setUp`. */
    beforeAll?: Meant<"setUp">;
    /** @deprecated It is a method, `setUp`; there is no hook for each test. */
    beforeEach?: Meant<"setUp">;
    /** @deprecated It is a method, `tearDown`. */
    teardown?: Meant<"tearDown">;
    /** @deprecated It is a method, `tearDown`. */
    afterAll?: Meant<"tearDown">;
    /** @deprecated It is a method, `tearDown`; there is no hook for each test. */
    afterEach?: Meant<"tearDown">;
    /** @deprecated The field is called `dependencies`. */
    dependsOn?: Meant<"dependencies">;
    /** @deprecated The field is called `timeout`. */
    timeOut?: Meant<"timeout">;
  }

  /** A class of a suite, as {@link Suite.dependencies} takes it. */
  // Like ServiceClass. A service is not a suite.
  export type SuiteClass = new () => Pick<Suite, "name"> & { exec?: undefined };

  // Globals ////////////////////////////////////////////////////////////////

  // Only names marked with export can be imported.
  export {};

  // If the types of the DOM or of Node are there, they must win: they say more, and
  // the rest of the project uses them. Only they have onmessage and exports. The
  // declarations here are then empty, or exactly theirs.
  type Dom = { onmessage: any };
  type Node = { exports: any };
  type UnlessNode<T> = typeof globalThis extends Node ? {} : T;
  type Ours<T> = typeof globalThis extends Dom ? {} : UnlessNode<T>;

  // setTimeout and the like.
  interface Timer {
    /** Does nothing here: a timer never keeps a command from ending. */
    ref(): this;
    /** Does nothing here: a timer never keeps a command from ending. */
    unref(): this;
    hasRef(): boolean;
    close(): this;
    [Symbol.toPrimitive](): number;
  }

  interface MinibossConsole {
    log(...values: any[]): void;
    info(...values: any[]): void;
    debug(...values: any[]): void;
    /** Shown as a warning. */
    warn(...values: any[]): void;
    /** Shown as an error. It does not make anything fail: for that, throw an error. */
    error(...values: any[]): void;
    /** Writes a stack trace of the call, as an error. */
    trace(...values: any[]): void;
    /** Writes one value, with the options of Node's `util.inspect`: `depth`, … */
    dir(value: any, options?: { depth?: number | null; [key: string]: any }): void;
    table(...values: any[]): void;
    /** Writes an error if the condition is false. */
    assert(condition?: boolean, ...values: any[]): void;
    /** Indents what follows, until `groupEnd`. */
    group(...values: any[]): void;
    groupCollapsed(...values: any[]): void;
    groupEnd(): void;
    count(label?: string): void;
    countReset(label?: string): void;
    time(label?: string): void;
    timeLog(label?: string, ...values: any[]): void;
    timeEnd(label?: string): void;
  }

  interface MinibossProcess {
    /** The environment of the `miniboss` command. */
    env: Record<string, string | undefined>;
    /** `"linux"`, `"darwin"` or `"win32"`. */
    readonly platform: string;
    /** `"x64"`, `"arm64"`, … */
    readonly arch: string;
    /** `["miniboss", the file]`. */
    argv: string[];
    readonly pid: number;
    /** The version of Node whose behaviour miniboss follows, not the version of miniboss. */
    readonly version: string;
    readonly versions: Record<string, string | undefined>;
    /** The working directory of the command. Paths in fields, however, are relative to the file. */
    cwd(): string;
    /** Seconds since the file was loaded. */
    uptime(): number;
    nextTick(callback: (...args: any[]) => void, ...args: any[]): void;
    hrtime: { (since?: [number, number]): [number, number]; bigint(): bigint };
    /** @deprecated Throws: to fail a hook, throw an error. */
    exit(code?: number): never;
  }

  interface MinibossImportMeta {
    /** The absolute path of this file's directory. */
    dirname: string;
    /** The absolute path of this file. */
    filename: string;
    /** This file as a `file:` URL. */
    url: string;
    /** Always `false`: miniboss is the main program, and runs this file. */
    main: boolean;
  }

  interface MinibossPerformance {
    /** Milliseconds since {@link timeOrigin}, with fractions. */
    now(): number;
    /** When the file was loaded, in milliseconds since 1970. */
    readonly timeOrigin: number;
    toJSON(): any;
  }

  interface MinibossCrypto {
    /** A random UUID, version 4. */
    randomUUID(): `${string}-${string}-${string}-${string}-${string}`;
    /** Fills an array of integers with random values and returns it. */
    getRandomValues<T extends ArrayBufferView>(array: T): T;
  }

  interface MinibossURL {
    hash: string;
    host: string;
    hostname: string;
    href: string;
    readonly origin: string;
    password: string;
    pathname: string;
    port: string;
    protocol: string;
    search: string;
    readonly searchParams: URLSearchParams;
    username: string;
    toJSON(): string;
    toString(): string;
  }
  interface MinibossURLSearchParams extends Iterable<[string, string]> {
    readonly size: number;
    append(name: string, value: string): void;
    delete(name: string, value?: string): void;
    entries(): IterableIterator<[string, string]>;
    forEach(callback: (value: string, name: string, parent: URLSearchParams) => void, thisArg?: any): void;
    get(name: string): string | null;
    getAll(name: string): string[];
    has(name: string, value?: string): boolean;
    keys(): IterableIterator<string>;
    set(name: string, value: string): void;
    sort(): void;
    toString(): string;
    values(): IterableIterator<string>;
  }

  interface MinibossTextEncoder {
    readonly encoding: string;
    /** Returns the UTF-8 bytes of a text. */
    encode(text?: string): Uint8Array<ArrayBuffer>;
    encodeInto(text: string, target: Uint8Array): { read: number; written: number };
  }
  interface MinibossTextDecoder {
    readonly encoding: string;
    readonly fatal: boolean;
    readonly ignoreBOM: boolean;
    /** Returns the text of bytes. With `stream`, a character that is cut off waits for the next call. */
    decode(bytes?: ArrayBufferLike | ArrayBufferView | null, options?: { stream?: boolean }): string;
  }

  interface MinibossDOMException extends Error {
    readonly name: string;
    readonly message: string;
    readonly code: number;
  }

  // fetch
  type HeadersGiven = Headers | Record<string, string> | Iterable<readonly [string, string]>;
  type BodyGiven =
    | string
    | ArrayBufferLike
    | ArrayBufferView
    | Blob
    | FormData
    | URLSearchParams
    | BodyStream
    | AsyncIterable<string | ArrayBufferLike | ArrayBufferView>;

  interface MinibossRequestInit {
    /** @default "GET" */
    method?: string;
    headers?: HeadersGiven;
    body?: BodyGiven | null;
    /** Ends the request, even while its body is being read. */
    signal?: AbortSignal | null;
    /** What to do with a redirect. @default "follow", at most 20 of them */
    redirect?: "follow" | "manual" | "error";
    /** Must be set if the body is a stream. */
    duplex?: "half";
  }
  interface MinibossResponseInit {
    /** @default 200 */
    status?: number;
    statusText?: string;
    headers?: HeadersGiven;
  }

  /** A body that arrives bit by bit: `for await (const bytes of response.body)`. */
  interface BodyStream extends AsyncIterable<Uint8Array<ArrayBuffer>> {
    readonly locked: boolean;
    getReader(): {
      readonly closed: Promise<void>;
      read(): Promise<{ done: false; value: Uint8Array<ArrayBuffer> } | { done: true; value: undefined }>;
      cancel(reason?: any): Promise<void>;
      releaseLock(): void;
    };
    cancel(reason?: any): Promise<void>;
    tee(): [BodyStream, BodyStream];
    values(options?: { preventCancel?: boolean }): AsyncIterableIterator<Uint8Array<ArrayBuffer>>;
  }

  interface MinibossBody {
    readonly body: BodyStream | null;
    /** Whether the body has already been read. It can be read only once. */
    readonly bodyUsed: boolean;
    text(): Promise<string>;
    /** Rejects with a SyntaxError if the body is not JSON. */
    json(): Promise<any>;
    arrayBuffer(): Promise<ArrayBuffer>;
    bytes(): Promise<Uint8Array<ArrayBuffer>>;
    blob(): Promise<Blob>;
  }
  interface MinibossRequest extends MinibossBody {
    readonly method: string;
    readonly url: string;
    readonly headers: Headers;
    readonly redirect: string;
    readonly signal: AbortSignal;
    clone(): Request;
  }
  interface MinibossResponse extends MinibossBody {
    readonly status: number;
    readonly statusText: string;
    /** Whether the status is 200 to 299. */
    readonly ok: boolean;
    readonly headers: Headers;
    readonly type: string;
    /** The URL of the response, after redirects. */
    readonly url: string;
    readonly redirected: boolean;
    clone(): Response;
  }
  interface MinibossHeaders extends Iterable<[string, string]> {
    append(name: string, value: string): void;
    delete(name: string): void;
    get(name: string): string | null;
    getSetCookie(): string[];
    has(name: string): boolean;
    set(name: string, value: string): void;
    forEach(callback: (value: string, name: string, parent: Headers) => void, thisArg?: any): void;
    entries(): IterableIterator<[string, string]>;
    keys(): IterableIterator<string>;
    values(): IterableIterator<string>;
  }

  interface MinibossBlob {
    /** In bytes. */
    readonly size: number;
    readonly type: string;
    text(): Promise<string>;
    arrayBuffer(): Promise<ArrayBuffer>;
    bytes(): Promise<Uint8Array<ArrayBuffer>>;
    stream(): BodyStream;
    slice(start?: number, end?: number, type?: string): Blob;
  }
  interface MinibossFile extends MinibossBlob {
    readonly name: string;
    readonly lastModified: number;
  }
  type BlobParts = Iterable<string | ArrayBufferLike | ArrayBufferView | Blob>;

  interface MinibossFormData extends Iterable<[string, string | File]> {
    append(name: string, value: string | Blob, fileName?: string): void;
    set(name: string, value: string | Blob, fileName?: string): void;
    delete(name: string): void;
    get(name: string): string | File | null;
    getAll(name: string): (string | File)[];
    has(name: string): boolean;
    forEach(callback: (value: string | File, name: string, parent: FormData) => void, thisArg?: any): void;
    entries(): IterableIterator<[string, string | File]>;
    keys(): IterableIterator<string>;
    values(): IterableIterator<string | File>;
  }

  interface MinibossAbortController {
    readonly signal: AbortSignal;
    /** Aborts whatever the signal was passed to. @param reason what that throws; default: an AbortError */
    abort(reason?: any): void;
  }
  type AbortListener = (event: { readonly type: string; readonly target: AbortSignal }) => void;
  interface MinibossAbortSignal {
    readonly aborted: boolean;
    readonly reason: any;
    onabort: AbortListener | null;
    throwIfAborted(): void;
    addEventListener(type: "abort", listener: AbortListener, options?: { once?: boolean }): void;
    removeEventListener(type: "abort", listener: AbortListener): void;
    dispatchEvent(event: any): boolean;
  }

  type Encoding = "utf8" | "utf-8" | "hex" | "base64" | "base64url" | "latin1" | "binary" | "ascii" | "utf16le" | "ucs2";
  interface MinibossBufferConstructor {
    prototype: Buffer;
    /** Returns the bytes of a text, an array, an ArrayBuffer or another Buffer. */
    from(text: string, encoding?: Encoding): Buffer;
    from(bytes: ArrayBufferLike | ArrayBufferView | readonly number[]): Buffer;
    /** Returns this many bytes, filled with zero or with a given value. */
    alloc(size: number, fill?: string | number | Uint8Array, encoding?: Encoding): Buffer;
    /** Returns all the bytes, one buffer after the other. */
    concat(list: readonly Uint8Array[], totalLength?: number): Buffer;
    /** Returns how many bytes a text takes. */
    byteLength(value: string | ArrayBufferLike | ArrayBufferView, encoding?: Encoding): number;
    isBuffer(value: unknown): value is Buffer;
    compare(a: Uint8Array, b: Uint8Array): -1 | 0 | 1;
  }
  interface MinibossBuffer extends Uint8Array {
    toString(encoding?: Encoding, start?: number, end?: number): string;
    equals(other: Uint8Array): boolean;
    toJSON(): { type: "Buffer"; data: number[] };
    /** Writes a text and returns the number of bytes written. */
    write(text: string, encoding?: Encoding): number;
    write(text: string, offset: number, encoding?: Encoding): number;
    write(text: string, offset: number, length: number, encoding?: Encoding): number;
    readInt8(offset?: number): number;
    readUInt8(offset?: number): number;
    readUint8(offset?: number): number;
    readInt16BE(offset?: number): number;
    readInt16LE(offset?: number): number;
    readUInt16BE(offset?: number): number;
    readUInt16LE(offset?: number): number;
    readUint16BE(offset?: number): number;
    readUint16LE(offset?: number): number;
    readInt32BE(offset?: number): number;
    readInt32LE(offset?: number): number;
    readUInt32BE(offset?: number): number;
    readUInt32LE(offset?: number): number;
    readUint32BE(offset?: number): number;
    readUint32LE(offset?: number): number;
    readFloatBE(offset?: number): number;
    readFloatLE(offset?: number): number;
    readDoubleBE(offset?: number): number;
    readDoubleLE(offset?: number): number;
    readBigInt64BE(offset?: number): bigint;
    readBigInt64LE(offset?: number): bigint;
    readBigUInt64BE(offset?: number): bigint;
    readBigUInt64LE(offset?: number): bigint;
    readBigUint64BE(offset?: number): bigint;
    readBigUint64LE(offset?: number): bigint;
    readIntBE(offset: number, byteLength: number): number;
    readIntLE(offset: number, byteLength: number): number;
    readUIntBE(offset: number, byteLength: number): number;
    readUIntLE(offset: number, byteLength: number): number;
    readUintBE(offset: number, byteLength: number): number;
    readUintLE(offset: number, byteLength: number): number;
    writeInt8(value: number, offset?: number): number;
    writeUInt8(value: number, offset?: number): number;
    writeUint8(value: number, offset?: number): number;
    writeInt16BE(value: number, offset?: number): number;
    writeInt16LE(value: number, offset?: number): number;
    writeUInt16BE(value: number, offset?: number): number;
    writeUInt16LE(value: number, offset?: number): number;
    writeUint16BE(value: number, offset?: number): number;
    writeUint16LE(value: number, offset?: number): number;
    writeInt32BE(value: number, offset?: number): number;
    writeInt32LE(value: number, offset?: number): number;
    writeUInt32BE(value: number, offset?: number): number;
    writeUInt32LE(value: number, offset?: number): number;
    writeUint32BE(value: number, offset?: number): number;
    writeUint32LE(value: number, offset?: number): number;
    writeFloatBE(value: number, offset?: number): number;
    writeFloatLE(value: number, offset?: number): number;
    writeDoubleBE(value: number, offset?: number): number;
    writeDoubleLE(value: number, offset?: number): number;
    writeBigInt64BE(value: bigint, offset?: number): number;
    writeBigInt64LE(value: bigint, offset?: number): number;
    writeBigUInt64BE(value: bigint, offset?: number): number;
    writeBigUInt64LE(value: bigint, offset?: number): number;
    writeBigUint64BE(value: bigint, offset?: number): number;
    writeBigUint64LE(value: bigint, offset?: number): number;
    writeIntBE(value: number, offset: number, byteLength: number): number;
    writeIntLE(value: number, offset: number, byteLength: number): number;
    writeUIntBE(value: number, offset: number, byteLength: number): number;
    writeUIntLE(value: number, offset: number, byteLength: number): number;
    writeUintBE(value: number, offset: number, byteLength: number): number;
    writeUintLE(value: number, offset: number, byteLength: number): number;
  }

  global {
    /** The global object, like `globalThis`. */
    var global: typeof globalThis;

    /** The directory of this file, like `import.meta.dirname`. */
    var __dirname: string;
    /** This file, like `import.meta.filename`. */
    var __filename: string;
    interface ImportMeta extends UnlessNode<MinibossImportMeta> {}

    namespace NodeJS {
      interface Timeout extends UnlessNode<Timer> {}
      interface Immediate extends UnlessNode<Timer> {}
      interface Process extends UnlessNode<MinibossProcess> {}
    }

    /** Calls a function after some milliseconds, unless the time of the hook that set the timer is up. */
    function setTimeout<TArgs extends any[]>(callback: (...args: TArgs) => void, delay?: number, ...args: TArgs): NodeJS.Timeout;
    function setTimeout(callback: (_: void) => void, delay?: number): NodeJS.Timeout;
    /** Calls a function repeatedly, after this many milliseconds each time, until the time of the hook that set the timer is up. */
    function setInterval<TArgs extends any[]>(callback: (...args: TArgs) => void, delay?: number, ...args: TArgs): NodeJS.Timeout;
    /** Calls a function as soon as the code that is running yields. */
    function setImmediate<TArgs extends any[]>(callback: (...args: TArgs) => void, ...args: TArgs): NodeJS.Immediate;
    function clearTimeout(timer: NodeJS.Timeout | string | number | undefined): void;
    function clearInterval(timer: NodeJS.Timeout | string | number | undefined): void;
    function clearImmediate(timer: NodeJS.Immediate | undefined): void;
    /** Calls a function when the code that is running is done, before anything else. */
    function queueMicrotask(callback: () => void): void;
    /** Returns a deep copy. Throws a DataCloneError for functions and the like. */
    function structuredClone<T>(value: T): T;
    /** Encodes a text, one byte per character, as base64. */
    function btoa(text: string): string;
    /** The opposite of {@link btoa}. */
    function atob(text: string): string;

    /** Writes messages, each with the name of the service whose hook wrote it. */
    interface Console extends Ours<MinibossConsole> {}
    var console: Console;

    /** The process of `miniboss`. */
    var process: NodeJS.Process;

    interface Performance extends Ours<MinibossPerformance> {}
    var performance: typeof globalThis extends { onmessage: any; performance: infer T } ? T
      : typeof globalThis extends Node ? NodePerformance : Performance;

    interface Crypto extends Ours<MinibossCrypto> {}
    var crypto: typeof globalThis extends { onmessage: any; crypto: infer T } ? T
      : typeof globalThis extends Node ? NodeCrypto : Crypto;

    interface URL extends Ours<MinibossURL> {}
    var URL: typeof globalThis extends { onmessage: any; URL: infer T } ? T
      : typeof globalThis extends Node ? NodeURL : {
        prototype: URL;
        new (url: string | URL, base?: string | URL): URL;
        canParse(url: string | URL, base?: string | URL): boolean;
      };

    interface URLSearchParams extends Ours<MinibossURLSearchParams> {}
    var URLSearchParams: typeof globalThis extends { onmessage: any; URLSearchParams: infer T } ? T
      : typeof globalThis extends Node ? NodeURLSearchParams : {
        prototype: URLSearchParams;
        new (init?: string | URLSearchParams | Record<string, string> | Iterable<[string, string]>): URLSearchParams;
      };

    interface TextEncoder extends Ours<MinibossTextEncoder> {}
    var TextEncoder: typeof globalThis extends { onmessage: any; TextEncoder: infer T } ? T
      : typeof globalThis extends Node ? NodeTextEncoder : {
        prototype: TextEncoder;
        new (): TextEncoder;
      };

    interface TextDecoder extends Ours<MinibossTextDecoder> {}
    var TextDecoder: typeof globalThis extends { onmessage: any; TextDecoder: infer T } ? T
      : typeof globalThis extends Node ? NodeTextDecoder : {
        prototype: TextDecoder;
        new (encoding?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder;
      };

    interface DOMException extends Ours<MinibossDOMException> {}
    /** The error that an abort or a timeout rejects with; check its `name`. */
    var DOMException: typeof globalThis extends { onmessage: any; DOMException: infer T } ? T
      : typeof globalThis extends Node ? Undeclared : {
        prototype: DOMException;
        new (message?: string, name?: string | { name?: string; cause?: unknown }): DOMException;
      };

    /**
     * Makes an HTTP request, as in a browser or Node. Rejects with a TypeError if
     * no answer comes (its `cause` says why), but never because of a status. In a
     * hook, the request ends when the hook's time is up. Cookies are not kept.
     *
     * @example
     * const answer = await fetch("http://localhost:8080/todos", {
     *   method: "POST",
     *   body: JSON.stringify({ what: "try miniboss" }),
     *   signal: AbortSignal.timeout(5000),
     * });
     * if (!answer.ok) throw new Error(`status ${answer.status}`);
     */
    function fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;

    interface RequestInit extends Ours<MinibossRequestInit> {}
    interface ResponseInit extends Ours<MinibossResponseInit> {}

    interface Headers extends Ours<MinibossHeaders> {}
    var Headers: typeof globalThis extends { onmessage: any; Headers: infer T } ? T
      : typeof globalThis extends Node ? Undeclared : {
        prototype: Headers;
        new (init?: HeadersGiven): Headers;
      };

    interface Request extends Ours<MinibossRequest> {}
    var Request: typeof globalThis extends { onmessage: any; Request: infer T } ? T
      : typeof globalThis extends Node ? Undeclared : {
        prototype: Request;
        new (input: string | URL | Request, init?: RequestInit): Request;
      };

    interface Response extends Ours<MinibossResponse> {}
    var Response: typeof globalThis extends { onmessage: any; Response: infer T } ? T
      : typeof globalThis extends Node ? Undeclared : {
        prototype: Response;
        new (body?: BodyGiven | null, init?: ResponseInit): Response;
        error(): Response;
        json(data: any, init?: ResponseInit): Response;
        redirect(url: string | URL, status?: number): Response;
      };

    interface Blob extends Ours<MinibossBlob> {}
    var Blob: typeof globalThis extends { onmessage: any; Blob: infer T } ? T
      : typeof globalThis extends Node ? NodeBlob : {
        prototype: Blob;
        new (parts?: BlobParts, options?: { type?: string }): Blob;
      };

    interface File extends Ours<MinibossFile> {}
    var File: typeof globalThis extends { onmessage: any; File: infer T } ? T
      : typeof globalThis extends Node ? NodeFile : {
        prototype: File;
        new (parts: BlobParts, name: string, options?: { type?: string; lastModified?: number }): File;
      };

    interface FormData extends Ours<MinibossFormData> {}
    var FormData: typeof globalThis extends { onmessage: any; FormData: infer T } ? T
      : typeof globalThis extends Node ? Undeclared : {
        prototype: FormData;
        new (): FormData;
      };

    interface AbortController extends Ours<MinibossAbortController> {}
    var AbortController: typeof globalThis extends { onmessage: any; AbortController: infer T } ? T
      : {
        prototype: AbortController;
        new (): AbortController;
      };

    interface AbortSignal extends Ours<MinibossAbortSignal> {}
    var AbortSignal: typeof globalThis extends { onmessage: any; AbortSignal: infer T } ? T
      : {
        prototype: AbortSignal;
        new (): AbortSignal;
        abort(reason?: any): AbortSignal;
        any(signals: AbortSignal[]): AbortSignal;
        /** Aborts after this many milliseconds, with a TimeoutError. */
        timeout(milliseconds: number): AbortSignal;
      };

    interface Buffer<TArrayBuffer extends ArrayBufferLike = ArrayBufferLike> extends UnlessNode<MinibossBuffer> {}
    interface BufferConstructor extends UnlessNode<MinibossBufferConstructor> {}
    var Buffer: BufferConstructor;
  }

  // Node's own types of the same names. Without Node's types these are errors, but
  // then nobody uses them.
  // If Node's type has no name that could be written here, an ignored error stands
  // for it: the compiler accepts it as any type. Importing it from its package
  // (undici-types) would pull in all of Node's types.
  // @ts-ignore
  type Undeclared = import("miniboss/undeclared").Undeclared;
  // @ts-ignore
  type NodePerformance = import("node:perf_hooks").Performance;
  // @ts-ignore
  type NodeCrypto = import("node:crypto").webcrypto.Crypto;
  // @ts-ignore
  type NodeURL = typeof import("node:url").URL;
  // @ts-ignore
  type NodeURLSearchParams = typeof import("node:url").URLSearchParams;
  // @ts-ignore
  type NodeTextEncoder = typeof import("node:util").TextEncoder;
  // @ts-ignore
  type NodeTextDecoder = typeof import("node:util").TextDecoder;
  // @ts-ignore
  type NodeBlob = typeof import("node:buffer").Blob;
  // @ts-ignore
  type NodeFile = typeof import("node:buffer").File;
}

// Imported text files. Only relative names are declared: Vite and others declare
// "*.txt" too, and two declarations of one name are an error.

// @ts-ignore
declare module "./*.txt" {
  const text: string;
  export default text;
}
// @ts-ignore
declare module "../*.txt" {
  const text: string;
  export default text;
}
// @ts-ignore
declare module "./*.sql" {
  const text: string;
  export default text;
}
// @ts-ignore
declare module "../*.sql" {
  const text: string;
  export default text;
}

// The supported modules of Node. The names with "node:" are patterns: if Node's own
// types are there, under the names without a "*", these step back. No other module
// name ends like them. With a "?" before them, the names always mean these. If this
// file counts as an ES module, "export =" is an error, which is ignored.

declare module "*node:path" {
  namespace path {
    interface ParsedPath {
      root: string;
      dir: string;
      base: string;
      ext: string;
      name: string;
    }
    interface PlatformPath {
      join(...paths: string[]): string;
      /** Returns an absolute path: joins paths from right to left until the result is absolute, and adds `process.cwd()` if it never is. */
      resolve(...paths: string[]): string;
      normalize(path: string): string;
      isAbsolute(path: string): boolean;
      relative(from: string, to: string): string;
      dirname(path: string): string;
      basename(path: string, suffix?: string): string;
      extname(path: string): string;
      parse(path: string): ParsedPath;
      format(path: Partial<ParsedPath>): string;
      toNamespacedPath(path: string): string;
      readonly sep: "/" | "\\";
      readonly delimiter: ":" | ";";
      /** For paths as on Linux and macOS, on any system. */
      readonly posix: PlatformPath;
      /** For paths as on Windows, on any system. */
      readonly win32: PlatformPath;
    }
  }
  const path: path.PlatformPath;
  // @ts-ignore
  export = path;
}
declare module "*node:path/posix" {
  import path = require("?node:path");
  const posix: path.PlatformPath;
  // @ts-ignore
  export = posix;
}
declare module "*node:path/win32" {
  import path = require("?node:path");
  const win32: path.PlatformPath;
  // @ts-ignore
  export = win32;
}

declare module "*node:os" {
  /** The line ending: `"\n"`, or `"\r\n"` on Windows. */
  const EOL: string;
  const devNull: string;
  function arch(): string;
  function availableParallelism(): number;
  /** Returns one entry for each processor. Model, speed and times are empty here. */
  function cpus(): { model: string; speed: number; times: { user: number; nice: number; sys: number; idle: number; irq: number } }[];
  function endianness(): "BE" | "LE";
  function homedir(): string;
  function hostname(): string;
  /** Returns the addresses of this machine, by interface. */
  function networkInterfaces(): Record<string, {
    address: string;
    netmask: string;
    family: "IPv4" | "IPv6";
    mac: string;
    internal: boolean;
    cidr: string | null;
    scopeid?: number;
  }[] | undefined>;
  /** `"linux"`, `"darwin"` or `"win32"`. */
  function platform(): string;
  function tmpdir(): string;
  /** `"Linux"`, `"Darwin"` or `"Windows_NT"`. */
  function type(): string;
  function userInfo(): { uid: number; gid: number; username: string; homedir: string; shell: string | null };
}

declare module "*node:assert" {
  function assert(value: unknown, message?: string | Error): asserts value;
  namespace assert {
    type Message = string | Error;
    type Predicate = RegExp | (new (...args: any[]) => object) | ((error: any) => boolean) | object;
    class AssertionError extends Error {
      constructor(options: { message?: string; actual?: unknown; expected?: unknown; operator?: string });
      actual: unknown;
      expected: unknown;
      operator: string;
      generatedMessage: boolean;
      code: "ERR_ASSERTION";
    }
    function ok(value: unknown, message?: Message): asserts value;
    function fail(message?: Message): never;
    function equal(actual: unknown, expected: unknown, message?: Message): void;
    function notEqual(actual: unknown, expected: unknown, message?: Message): void;
    function deepEqual(actual: unknown, expected: unknown, message?: Message): void;
    function notDeepEqual(actual: unknown, expected: unknown, message?: Message): void;
    function strictEqual<T>(actual: unknown, expected: T, message?: Message): asserts actual is T;
    function notStrictEqual(actual: unknown, expected: unknown, message?: Message): void;
    function deepStrictEqual<T>(actual: unknown, expected: T, message?: Message): asserts actual is T;
    function notDeepStrictEqual(actual: unknown, expected: unknown, message?: Message): void;
    function throws(f: () => unknown, error?: Predicate, message?: Message): void;
    function throws(f: () => unknown, message?: Message): void;
    function doesNotThrow(f: () => unknown, error?: Predicate, message?: Message): void;
    function doesNotThrow(f: () => unknown, message?: Message): void;
    function rejects(f: (() => Promise<unknown>) | Promise<unknown>, error?: Predicate, message?: Message): Promise<void>;
    function rejects(f: (() => Promise<unknown>) | Promise<unknown>, message?: Message): Promise<void>;
    function doesNotReject(f: (() => Promise<unknown>) | Promise<unknown>, error?: Predicate, message?: Message): Promise<void>;
    function doesNotReject(f: (() => Promise<unknown>) | Promise<unknown>, message?: Message): Promise<void>;
    function match(text: string, pattern: RegExp, message?: Message): void;
    function doesNotMatch(text: string, pattern: RegExp, message?: Message): void;
    function ifError(value: unknown): asserts value is null | undefined;
    /** The same, but `equal` and `deepEqual` are strict. */
    const strict: typeof assert;
  }
  // @ts-ignore
  export = assert;
}
declare module "*node:assert/strict" {
  import assert = require("?node:assert");
  // @ts-ignore
  export = assert;
}

declare module "*node:fs/promises" {
  /** Relative paths are relative to `process.cwd()`. For files next to the service file, use `import.meta.dirname`. */
  type Path = string | Uint8Array | URL;
  type Encoding = "utf8" | "utf-8" | "hex" | "base64" | "base64url" | "latin1" | "binary" | "ascii" | "utf16le" | "utf-16le" | "ucs2" | "ucs-2";
  type Data = string | ArrayBufferView;
  type Stream = Iterable<Data> | AsyncIterable<Data>;
  type WriteOptions = Encoding | { encoding?: Encoding | null; mode?: number | string; flag?: string; signal?: AbortSignal } | null;
  interface CopyOptions<Wanted = boolean | Promise<boolean>> {
    /** @default false */
    recursive?: boolean;
    /** Overwrite existing files. @default true */
    force?: boolean;
    /** With `force: false`: reject if a file exists. @default false */
    errorOnExist?: boolean;
    /** Returns whether to copy a file. */
    filter?(from: string, to: string): Wanted;
    /** Copy what links point to, instead of the links. @default false */
    dereference?: boolean;
    preserveTimestamps?: boolean;
    verbatimSymlinks?: boolean;
  }
  interface Kind {
    isFile(): boolean;
    isDirectory(): boolean;
    isSymbolicLink(): boolean;
    isFIFO(): boolean;
    isSocket(): boolean;
    isCharacterDevice(): boolean;
    isBlockDevice(): boolean;
  }
  interface Stats extends Kind {
    dev: number;
    ino: number;
    mode: number;
    nlink: number;
    uid: number;
    gid: number;
    rdev: number;
    /** Bytes. */
    size: number;
    blksize: number;
    blocks: number;
    atimeMs: number;
    mtimeMs: number;
    ctimeMs: number;
    birthtimeMs: number;
    atime: Date;
    mtime: Date;
    ctime: Date;
    birthtime: Date;
  }
  interface Dirent extends Kind {
    name: string;
    /** The directory that contains it. */
    parentPath: string;
    /** @deprecated Use `parentPath`. */
    path: string;
  }
  interface Constants {
    readonly F_OK: number;
    readonly R_OK: number;
    readonly W_OK: number;
    readonly X_OK: number;
    readonly COPYFILE_EXCL: number;
    readonly COPYFILE_FICLONE: number;
    readonly COPYFILE_FICLONE_FORCE: number;
  }
  const constants: Constants;
  /** Rejects if the file does not exist, or cannot be used as `mode` says (`constants.R_OK`, …). */
  function access(path: Path, mode?: number): Promise<void>;
  /** Appends to a file. Creates it if it does not exist. */
  function appendFile(path: Path, data: Data | Stream, options?: WriteOptions): Promise<void>;
  function chmod(path: Path, mode: number | string): Promise<void>;
  /** Copies a file over another one. With `constants.COPYFILE_EXCL`, the other one must not exist. */
  function copyFile(from: Path, to: Path, mode?: number): Promise<void>;
  /** Copies a file, or with `recursive` a directory. Creates the directories above `to`. */
  function cp(from: Path, to: Path, options?: CopyOptions): Promise<void>;
  /** Like `stat`, but for a link itself. */
  function lstat(path: Path): Promise<Stats>;
  /** Creates a directory. With `recursive`, also creates those above it, accepts an existing one, and returns the first one it created. */
  function mkdir(path: Path, options?: number | string | { recursive?: boolean; mode?: number | string }): Promise<string | undefined>;
  /** Creates a directory whose name is the prefix and six random letters. */
  function mkdtemp(prefix: string): Promise<string>;
  /** Reads a whole file: returns a Buffer, or text if you give an encoding. */
  function readFile(path: Path, options?: { encoding?: null; signal?: AbortSignal } | null): Promise<Buffer>;
  function readFile(path: Path, options: Encoding | { encoding: Encoding; signal?: AbortSignal }): Promise<string>;
  /** Returns the names in a directory; with `recursive`, also those below it. */
  function readdir(path: Path, options?: Encoding | { withFileTypes?: false; recursive?: boolean } | null): Promise<string[]>;
  function readdir(path: Path, options: { withFileTypes: true; recursive?: boolean }): Promise<Dirent[]>;
  /** Returns where a link points. */
  function readlink(path: Path): Promise<string>;
  /** Returns the path with all links resolved. */
  function realpath(path: Path): Promise<string>;
  function rename(from: Path, to: Path): Promise<void>;
  /** Removes a file, or with `recursive` a directory. With `force`, it may be missing. */
  function rm(path: Path, options?: { recursive?: boolean; force?: boolean }): Promise<void>;
  /** Removes an empty directory. */
  function rmdir(path: Path): Promise<void>;
  function stat(path: Path): Promise<Stats>;
  /** Creates a link at `path`. */
  function symlink(target: Path, path: Path): Promise<void>;
  function unlink(path: Path): Promise<void>;
  /** Writes a file. A stream, such as the `body` of a response, is written as it arrives, and never held in memory as a whole. */
  function writeFile(path: Path, data: Data | Stream, options?: WriteOptions): Promise<void>;
}
declare module "*node:fs" {
  import all = require("?node:fs/promises");
  type Path = all.Path;
  type Encoding = all.Encoding;
  type Data = all.Data;
  type WriteOptions = all.WriteOptions;
  type CopyOptions<Wanted> = all.CopyOptions<Wanted>;
  interface Stats extends all.Stats {}
  var Stats: { prototype: Stats };
  interface Dirent extends all.Dirent {}
  var Dirent: { prototype: Dirent };
  const constants: all.Constants;
  export import promises = all;
  function existsSync(path: Path): boolean;
  function accessSync(path: Path, mode?: number): void;
  function appendFileSync(path: Path, data: Data, options?: WriteOptions): void;
  function chmodSync(path: Path, mode: number | string): void;
  function copyFileSync(from: Path, to: Path, mode?: number): void;
  function cpSync(from: Path, to: Path, options?: CopyOptions<boolean>): void;
  function lstatSync(path: Path, options?: { throwIfNoEntry?: true }): Stats;
  function lstatSync(path: Path, options: { throwIfNoEntry: false }): Stats | undefined;
  function mkdirSync(path: Path, options?: number | string | { recursive?: boolean; mode?: number | string }): string | undefined;
  function mkdtempSync(prefix: string): string;
  function readFileSync(path: Path, options?: { encoding?: null; signal?: AbortSignal } | null): Buffer;
  function readFileSync(path: Path, options: Encoding | { encoding: Encoding; signal?: AbortSignal }): string;
  function readdirSync(path: Path, options?: Encoding | { withFileTypes?: false; recursive?: boolean } | null): string[];
  function readdirSync(path: Path, options: { withFileTypes: true; recursive?: boolean }): Dirent[];
  function readlinkSync(path: Path): string;
  function realpathSync(path: Path): string;
  function renameSync(from: Path, to: Path): void;
  function rmSync(path: Path, options?: { recursive?: boolean; force?: boolean }): void;
  function rmdirSync(path: Path): void;
  function statSync(path: Path, options?: { throwIfNoEntry?: true }): Stats;
  function statSync(path: Path, options: { throwIfNoEntry: false }): Stats | undefined;
  function symlinkSync(target: Path, path: Path): void;
  function unlinkSync(path: Path): void;
  function writeFileSync(path: Path, data: Data, options?: WriteOptions): void;
}

declare module "*node:buffer" {
  export import Buffer = globalThis.Buffer;
  export import atob = globalThis.atob;
  export import btoa = globalThis.btoa;
}

declare module "*node:crypto" {
  function randomUUID(): string;
  function randomBytes(size: number): Buffer;
  function randomBytes(size: number, callback: (error: Error | null, bytes: Buffer) => void): void;
  /** Returns a whole number from `min`, or 0, up to but not including `max`. */
  function randomInt(max: number): number;
  function randomInt(min: number, max: number): number;
  function getRandomValues<T extends ArrayBufferView>(array: T): T;
  function randomFillSync<T extends ArrayBufferView>(array: T): T;
  const webcrypto: typeof globalThis.crypto;
}

declare module "*node:perf_hooks" {
  export import performance = globalThis.performance;
}

declare module "*node:process" {
  // @ts-ignore
  export = process;
}

declare module "*node:timers" {
  export import setTimeout = globalThis.setTimeout;
  export import setInterval = globalThis.setInterval;
  export import setImmediate = globalThis.setImmediate;
  export import clearTimeout = globalThis.clearTimeout;
  export import clearInterval = globalThis.clearInterval;
  export import clearImmediate = globalThis.clearImmediate;
}

declare module "*node:timers/promises" {
  /** Resolves after this many milliseconds, with the value. */
  function setTimeout<T = void>(delay?: number, value?: T, options?: { signal?: AbortSignal }): Promise<T>;
  /** Resolves as soon as the code that is running yields, with the value. */
  function setImmediate<T = void>(value?: T, options?: { signal?: AbortSignal }): Promise<T>;
}

declare module "*node:url" {
  export import URL = globalThis.URL;
  export import URLSearchParams = globalThis.URLSearchParams;
  /** Returns the path of a `file:` URL. Throws for any other URL. */
  function fileURLToPath(url: string | URL): string;
  function pathToFileURL(path: string): URL;
}

declare module "*node:util" {
  export import TextDecoder = globalThis.TextDecoder;
  export import TextEncoder = globalThis.TextEncoder;
  /** Formats text as `console.log` does, with `%s`, `%d`, `%i`, `%f`, `%j`, `%o` and `%O`. */
  function format(...values: unknown[]): string;
  /** Returns a value as `console.log` shows it. */
  function inspect(value: unknown, options?: { depth?: number | null; [key: string]: unknown }): string;
  function isDeepStrictEqual(a: unknown, b: unknown): boolean;
  /** Turns a function whose last argument is a callback into one that returns a promise. */
  function promisify(f: (...args: any[]) => void): (...args: any[]) => Promise<any>;
}

// The same without "node:". Under these names, Node's types come first.

declare module "fs" {
  export * from "node:fs";
}
declare module "fs/promises" {
  export * from "node:fs/promises";
}
declare module "os" {
  export * from "node:os";
}
declare module "buffer" {
  export * from "node:buffer";
}
declare module "crypto" {
  export * from "node:crypto";
}
declare module "perf_hooks" {
  export * from "node:perf_hooks";
}
declare module "timers" {
  export * from "node:timers";
}
declare module "timers/promises" {
  export * from "node:timers/promises";
}
declare module "url" {
  export * from "node:url";
}
declare module "util" {
  export * from "node:util";
}
