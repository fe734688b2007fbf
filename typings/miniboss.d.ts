// The typings of miniboss: what a service file can use, and nothing else.
// Written by "miniboss types --write", which writes them anew: do not change
// them here. Your own additions belong in a file of yours.
//
// They also describe the globals (fetch, process, ...) for editors that know
// neither Node nor browsers. Where a project has the types of one of these,
// they win, and the ones here step back.

/* eslint-disable */
// biome-ignore-all lint: generated
// biome-ignore-all format: generated

declare module "miniboss" {
  // Services ///////////////////////////////////////////////////////////////

  /**
   * A service: one container of the group, its fields and its hooks.
   *
   * Every class that the file exports and that extends `Service` is one. The
   * fields are class fields or getters. They are evaluated twice: when the file
   * is loaded, to check them, and again at the service's turn, when what it
   * depends on is ready, so that they can use what hooks have put on
   * {@link context}.
   *
   * A mistake in a field is found when the file is loaded, and all of them are
   * reported at once.
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
     * group reach it under this name, so it is a hostname label: letters,
     * digits and hyphens, at most 63. It is needed when the file is loaded and
     * cannot depend on {@link context}.
     *
     * A base class that is not exported needs none: make it `abstract` in
     * TypeScript; in JavaScript write `name = ""` there.
     */
    abstract name: string;

    /**
     * The image. Pulled when it is not there. With {@link buildFrom}: built
     * when it is not there, when what it is built from has changed, and at each
     * start when its tag is `latest`. `{key}` is replaced from {@link context}.
     *
     * @example image = "postgres:17";
     */
    abstract image: string;

    /**
     * Runs a command in the container, from a hook. A string is split into
     * words as a shell does, but no shell runs it: for pipes and variables use
     * `["sh", "-c", "…"]`. A command that fails does not throw: look at
     * `exitCode`. Throws where there is no container (yet).
     *
     * @example
     * const { exitCode, stdout } = await this.exec(["psql", "-c", "select 1"]);
     */
    exec(cmd: string | readonly string[], options?: ExecOptions): Promise<ExecResult>;

    /**
     * What the container has written to its standard output and error so far.
     * Throws where there is no container (yet).
     *
     * @example
     * const text = await this.logs({ tail: 20 });
     */
    logs(options?: LogOptions): Promise<string>;

    /**
     * The port of the host on which a port of the container is published, also
     * where {@link ports} says `0` for any free one. Throws where the port is
     * not published.
     *
     * @example
     * const port = this.hostPort(8080);
     */
    hostPort(containerPort: number | string): number;

    /** What the engine tells of the container: the same as `docker inspect`. */
    inspect(): Promise<ContainerInspect>;
  }

  // These are here and not in the class so that a getter may take the place of
  // a field: TypeScript allows that for members of an interface only.
  export interface Service extends Misspelt {
    /**
     * The services that must be ready before this one starts: their classes or
     * names. It is needed when the file is loaded and cannot depend on
     * {@link context}. Unknown and circular ones are errors.
     *
     * @default []
     * @example dependencies = [Database, "cache"];
     */
    dependencies?: readonly (string | ServiceClass)[];

    /**
     * The environment variables. `null` leaves one out. `undefined` at the
     * service's turn is an error that names the variable: it is a value of
     * {@link context} that no hook has set, or a variable missing in
     * `process.env`. `{key}` in a text of the file is replaced from
     * {@link context}; `{{` and `}}` are literal braces there. Values from outside
     * (`process.env`, `dotenv`, `context`, files) are taken as they are.
     *
     * @default {}
     * @example env = { LEVEL: "debug", WORKERS: 4, USER_ID: context.user.id };
     */
    env?: Env;

    /**
     * The ports to publish: port of the container to port of the host. Keys are
     * `5432` or `"53/udp"`; values a port, `"127.0.0.1:5433"`, or `0` for any
     * free port, which {@link hostPort} tells. It is chosen when the container
     * is created, and stays the same when that is stopped and started. Other
     * services see it when a hook puts it on {@link context}.
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
     * volume: a new one for each new container.
     *
     * A path that is not there when the container is created, after
     * {@link preStart}, is an error. End that of a directory with a slash to
     * have it made: `"./data/:/data"`.
     *
     * @default {}
     * @example volumes = ["appdb-data:/var/lib/postgresql/data", "./conf:/etc/app:ro"];
     * @example volumes = { "./conf": { bind: "/etc/app", mode: "ro" } };
     */
    volumes?: Volumes;

    /**
     * The arguments of the entrypoint. A string is split as a shell splits
     * words, but no shell runs it: write `["sh", "-c", "a && b"]` for more.
     *
     * @default the image's
     */
    cmd?: Command;

    /**
     * The program to run. A string is split as a shell splits words.
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
     * The directory in the container that its program begins in.
     *
     * @default the image's
     */
    workingDir?: string;

    /**
     * Makes a new container at each start instead of restarting the one that
     * was stopped.
     *
     * @default false
     */
    alwaysStartNew?: boolean;

    /**
     * The signal that asks the container to end: `"SIGTERM"`, `"SIGINT"`,
     * `"SIGQUIT"` or `"SIGKILL"`. Anything else is an error when the file is
     * loaded.
     *
     * @default the image's `STOPSIGNAL`, else `"SIGTERM"`
     */
    stopSignal?: StopSignal | Text;

    /**
     * The directory to build the image from, relative to the file. What its
     * `.dockerignore` names is left out.
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

    /** Labels of the container. Those that begin with `miniboss.` are taken. */
    labels?: Record<string, Scalar | null>;

    /**
     * More entries of `/etc/hosts`.
     *
     * @example extraHosts = { "host.docker.internal": "host-gateway" };
     */
    extraHosts?: readonly string[] | Record<string, string>;

    /**
     * Directories of the container that are kept in memory: paths, or paths
     * with mount options.
     *
     * @example tmpfs = { "/tmp": "size=64m" };
     */
    tmpfs?: readonly string[] | Record<string, string>;

    /** Capabilities to add, such as `"NET_ADMIN"`. */
    capAdd?: readonly string[];

    /** Devices of the host: `"/dev/x[:/dev/y[:rwm]]"`. */
    devices?: readonly string[];

    /**
     * The most memory that the container may use: bytes, or `"512m"`, `"2g"`.
     *
     * @default the engine's: no limit
     */
    memory?: number | string;

    /**
     * How many processors the container may use at most, such as `1.5`.
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
     * When the engine restarts the container by itself: `"no"`, `"always"`,
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
     * The hostname that the container has for itself. The other services reach
     * it under its {@link name} all the same.
     *
     * @default {@link name}
     */
    hostname?: string;

    /**
     * The network that takes the place of the group's: `"host"`, `"none"` or
     * `"bridge"`. The other services do not reach the container under its name
     * then. `"host"` and `"none"` have no {@link ports}.
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
     * Keeps the standard input of the container's program open. A shell, or a
     * development server that ends with its input, stays up.
     *
     * @default false
     */
    stdinOpen?: boolean;

    /**
     * Makes the container's file system read-only, but for {@link volumes} and
     * {@link tmpfs}.
     *
     * @default false
     */
    readOnly?: boolean;

    /** Capabilities to drop, such as `"NET_RAW"`, or `["ALL"]`. */
    capDrop?: readonly string[];

    /** Security options, such as `"no-new-privileges"`. */
    securityOpt?: readonly string[];

    /** More groups of the container's user: names or numbers. */
    groupAdd?: readonly (string | number)[];

    /**
     * Limits of the container's processes: one number, or a soft and a hard one.
     * -1 is no limit.
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

    /** IP addresses of the DNS servers that the container asks. */
    dns?: readonly string[];

    /** Domains that the container looks names up in. */
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

    /** The control group above the container's. */
    cgroupParent?: string;

    /** How many processes the container may have at most; -1 is no limit. */
    pidsLimit?: number;

    /** How readily the kernel kills it for lack of memory: -1000 (never) to 1000. */
    oomScoreAdj?: number;

    /**
     * The most memory and swap together: bytes, `"1g"`, or -1 for no limit. Needs
     * {@link memory}, which it includes.
     */
    memorySwap?: number | string;

    /** The memory that the container keeps when the host runs short: bytes, or `"256m"`. */
    memoryReservation?: number | string;

    /**
     * How long {@link ping} may take until it is true, in seconds. Past it the
     * service has failed.
     *
     * @default the command's `--timeout`: 300
     */
    pingTimeout?: number;

    /**
     * How long the container may take to end, in seconds, before it is killed.
     *
     * @default the command's `--timeout` or `--stop-timeout`, else 10
     */
    stopTimeout?: number;

    /**
     * A service that ends by itself, such as a migration: exit code 0 is ready,
     * anything else failed. A later start runs it again only if its definition
     * has changed, it had failed, or a container that it depends on, directly or
     * through other one-shots, is a new one since it ran.
     *
     * @default false
     */
    oneShot?: boolean;

    /**
     * Directories whose changed files are to be copied into the running
     * container. It has no effect in this version, and a warning says so.
     *
     * @example sync = { "src/": "/app/src" };
     */
    sync?: Record<string, string>;

    /**
     * A hook: called before a new container is created. Not called when an
     * existing one is restarted. What it throws fails the service.
     */
    preStart?(): unknown;

    /**
     * A hook: is the service ready? Called again and again, at most 0.1 s
     * apart, from the moment the container runs until it gives `true`. Only
     * then do the services start that depend on this one. A connection that
     * fails in `fetch`, `sql`, `redis` or a probe means "not yet", also as the
     * `cause` of an error of yours. Any other error fails the service at once;
     * past {@link pingTimeout} it has failed. A service that is running and ready
     * already is asked once at each start.
     *
     * Without a `ping`, a service whose image has a HEALTHCHECK is ready when
     * the check passes; any other one when it has stayed up for a second.
     *
     * @example
     * ping() {
     *   return probe.http("http://localhost:8080/health");
     * }
     */
    ping?(): boolean | Promise<boolean>;

    /**
     * A hook: called after the first good {@link ping} of a new container. Not
     * called for an existing one. Services that depend on this one wait for it.
     * What it throws fails the service.
     */
    postStart?(): unknown;

    /** A hook: called before the container is stopped. */
    preStop?(): unknown;

    /** A hook: called after the container is stopped. */
    postStop?(): unknown;

    /**
     * A hook for what no field covers: it gets the request that will create the
     * container and may change it, or return another one.
     *
     * @example
     * configure(request) {
     *   request.HostConfig.ReadonlyRootfs = true;
     * }
     */
    configure?(request: CreateRequest): unknown;
  }

  /**
   * Names that are not fields, but are easily taken for one: slips, and what
   * Compose has. miniboss refuses them when it loads the file; here they are so
   * that your editor does so first.
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

  // "SIGINT" in a class field is a string to TypeScript, so a field of words
  // must take any string. What it offers in an editor are the words.
  type Text = string & {};
  type Scalar = string | number | boolean;

  /** What {@link Service.stopSignal} can be. */
  export type StopSignal = "SIGTERM" | "SIGINT" | "SIGQUIT" | "SIGKILL";
  /** What {@link Service.networkMode} can be. */
  export type NetworkMode = "host" | "none" | "bridge";
  /** What {@link Service.restart} can be. */
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
     * Uses a volume that is there already, under this very name. miniboss does
     * not make or remove it.
     *
     * @default false
     */
    external?: boolean;
  }
  /** A command: words, or a string that is split as a shell does. */
  export type Command = string | readonly (string | number)[];

  /** A class of a service, as {@link Service.dependencies} takes it. */
  // Only the members that make a service one: else a mistake in a field of one
  // class would be reported again in every class that depends on it.
  export type ServiceClass = new () => Pick<Service, "name" | "image" | "exec" | "logs" | "hostPort" | "inspect">;

  /** Options of {@link Service.exec}. */
  export interface ExecOptions {
    /** More environment variables. */
    env?: Record<string, Scalar>;
    /** The user to run it as. @default the container's */
    user?: string;
    /** The directory to run it in. @default the container's */
    workingDir?: string;
    /** What it can read from its standard input. @default nothing */
    stdin?: string;
  }

  /** What a command in a container gave. */
  export interface ExecResult {
    exitCode: number;
    stdout: string;
    stderr: string;
  }

  /** Options of {@link Service.logs}. */
  export interface LogOptions {
    /** Only so many lines at the end. @default all */
    tail?: number;
    /**
     * Only what was written since: a `Date`, seconds ago, `"5m"`, or the time of a line as `timestamps` shows it
     * (`"2026-01-31T12:00:00Z"`).
     */
    since?: Date | number | string;
    /** Puts the time before each line. @default false */
    timestamps?: boolean;
  }

  /**
   * The request that creates a container, as the engine's API has it. Only the
   * parts that are often used are named here; there are many more, see
   * https://docs.docker.com/reference/api/engine/.
   */
  export interface CreateRequest {
    Config: {
      Image: string;
      Hostname?: string;
      Domainname?: string;
      User?: string;
      WorkingDir?: string;
      /** `"NAME=value"` each. */
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
      /** `"/source:/path[:mode]"` each. */
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

  /** What the engine tells of a container, as its API has it. The rest is there too. */
  export interface ContainerInspect {
    Id: string;
    /** With a `/` before it. */
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
   * the containers, networks and volumes of different files apart. It can be
   * called once, while the file is loaded; lower-case letters, digits, and
   * `_ . -` after the first.
   *
   * @default the name of the file's directory, in letters of a hostname; with a
   * short hash if other letters had to be left out
   */
  export function groupName(name: string): void;

  /**
   * What hooks leave for each other and for the fields of later services: plain
   * properties with values that JSON can hold. Setting anything else is a
   * TypeError that names the property.
   *
   * It is saved in `.miniboss-context` beside the file after every hook that
   * has changed it, is there again at the next start, and is removed by
   * `miniboss stop --remove`.
   *
   * @example
   * async postStart() {
   *   context.token = await login();
   * }
   */
  export const context: Context;

  /**
   * The type of {@link context}: any property. Name yours to have them checked
   * and completed.
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
   * this command started: an empty list if all of them were running already. It
   * is not called if everything that had to be started failed. An error in it is
   * reported and makes the exit code 1; the services stay as they are.
   */
  export function onStartServices(callback: (names: string[]) => unknown): void;

  /** As {@link onStartServices}, after `miniboss stop`, with the names of the services that were stopped. */
  export function onStopServices(callback: (names: string[]) => unknown): void;

  /** As {@link onStartServices}, after `miniboss reload`, with the name of the service. */
  export function onReloadService(callback: (name: string) => unknown): void;

  /** Resolves after so many milliseconds. */
  export function sleep(ms: number): Promise<void>;

  /** Writes messages; the arguments are shown as by `console.log`. */
  export const log: Log;
  export interface Log {
    info(...values: unknown[]): void;
    /** Shown as a warning. */
    warn(...values: unknown[]): void;
    /** Shown as an error. It fails nothing: throw for that. */
    error(...values: unknown[]): void;
  }

  /**
   * Runs a command on this machine. A string is run by the shell (`sh -c`, on
   * Windows `cmd.exe /c`), an array of words without one. Rejects where it ends
   * with another exit code than 0, with the end of what it wrote in the
   * message, and where it cannot be started.
   *
   * It is ended, with everything that it has started, when its `timeout` or the
   * time of the hook is up, or on Ctrl-C.
   *
   * @example
   * const { stdout } = await sh("git rev-parse HEAD");
   * await sh(["npm", "run", "build"], { cwd: "web", timeout: 60_000 });
   */
  export function sh(command: string | readonly string[], options?: ShellOptions): Promise<ShellResult>;

  /** Options of {@link sh}. */
  export interface ShellOptions {
    /** The directory to run it in, relative to the file. @default the file's directory */
    cwd?: string | URL;
    /** Environment variables besides those of `process.env`. `null` and `undefined` leave one out. */
    env?: Record<string, Scalar | null | undefined>;
    /** How long it may run, in milliseconds. Past it, it is ended and the call rejects with the code `ETIMEDOUT`. @default no limit */
    timeout?: number;
    /** Rejects on an exit code that is not 0. @default true */
    check?: boolean;
    /** What it can read from its standard input. @default nothing */
    input?: string | ArrayBufferView;
  }

  /**
   * What a command gave. The error of {@link sh} has the same properties.
   */
  export interface ShellResult {
    /** 128 and the number of the signal where one has ended it. */
    exitCode: number;
    stdout: string;
    stderr: string;
  }

  /**
   * Reads files of `NAME=value` lines, as the npm package dotenv does: any name is
   * taken, and `$` has no meaning unless `expand` is set. If several files have the
   * same name, the last one wins. `process.env` does not change.
   *
   * @param args paths relative to the service file (default: `.env`), and then options
   * @throws if a file does not exist, unless `optional` is set
   * @example env = { ...dotenv(".env", ".env.test", { optional: true }), LEVEL: "debug" };
   */
  export function dotenv(...args: string[] | [...string[], DotenvOptions]): Record<string, string>;

  /** What {@link dotenv} takes besides paths. */
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
   * Ready-made pings. Each asks once and gives `true` or `false`: a refused
   * connection, a wrong answer and one that does not come within 5 s are
   * `false`, and where a service fails in the end, the message says which of
   * these it was. A mistake, such as a bad URL, rejects.
   *
   * @example
   * ping() {
   *   return probe.http("http://localhost:8080/health");
   * }
   */
  export const probe: Probe;
  export interface Probe {
    /** Does an HTTP server answer as wanted? Redirects are answers and are not followed. */
    http(url: string | URL, options?: HTTPProbeOptions): Promise<boolean>;

    /**
     * Does something listen on `"host:port"`? It is not fooled by the engine's
     * proxy, which accepts connections to a published port although nothing
     * listens in the container.
     */
    tcp(address: string): Promise<boolean>;

    /**
     * Does a database answer a query? Give it one that only works when what you
     * need is there. The URL is that of {@link sql}.
     *
     * @param query default: just connect
     */
    sql(url: string | URL, query?: string): Promise<boolean>;

    /** Does a Redis server answer PING? The URL is that of {@link redis}. */
    redis(url: string | URL): Promise<boolean>;

    /** Does a command in a service's container end with exit code 0? */
    exec(service: ServiceReference, cmd: string | readonly string[]): Promise<boolean>;

    /**
     * Has the container, since it was last started, written something that
     * matches? `^` and `$` mean the ends of a line. A string is looked for as
     * it is.
     */
    log(service: ServiceReference, pattern: RegExp | string): Promise<boolean>;

    /** Does the container's HEALTHCHECK pass? Throws if it has none. */
    healthy(service: ServiceReference): Promise<boolean>;
  }
  /** A service: `this`, the class, or the name. */
  export type ServiceReference = string | ServiceClass | InstanceType<ServiceClass>;

  /** Options of {@link Probe.http}. */
  export interface HTTPProbeOptions {
    /** The status that means ready, or several. @default 200 to 399 */
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
   * the first query, runs one after the other, and is closed with the file at
   * the latest. Throws a TypeError for a bad URL.
   *
   * @example
   * const db = sql("postgres://dbuser:dbpwd@localhost:5433/appdb");
   * const [user] = await db.query("select * from users where name = $1", ["mia"]);
   * await db.close();
   */
  export function sql(url: string | URL): Database;
  export interface Database {
    /**
     * Runs a statement and gives its rows. Parameters stand as `$1`, `$2` in
     * PostgreSQL and as `?` in MySQL. Integers too large for a number, and
     * decimal numbers, come as strings; times as `Date`, JSON as what it holds,
     * bytes as `Buffer`. Rejects where the server says no, with its message and
     * code.
     */
    query<Row = Record<string, any>>(text: string, params?: readonly unknown[]): Promise<Row[]>;
    /** Runs a statement, or several where there are no parameters, and gives the number of rows changed. */
    exec(text: string, params?: readonly unknown[]): Promise<{ rowCount: number }>;
    close(): Promise<void>;
  }

  /**
   * A connection to a Redis server, `redis://user:password@host:6379/0`, or
   * `rediss://` with TLS. It connects at the first command. Throws a TypeError
   * for a bad URL.
   *
   * @example
   * const client = redis("redis://localhost:6379");
   * await client.command("SET", "answer", 42);
   */
  export function redis(url: string | URL): Redis;
  export interface Redis {
    /** Runs a command and gives its reply: a string, a number, null, or an array of these. */
    command(name: string, ...args: (string | number | bigint | ArrayBufferLike | ArrayBufferView)[]): Promise<any>;
    close(): Promise<void>;
  }

  // Suites /////////////////////////////////////////////////////////////////

  /**
   * A suite of tests, for `miniboss test`: every class that the file exports
   * and that extends `Suite`. The services that it needs are started first and
   * left as they were found.
   *
   * Its tests are the methods whose names begin with `test`, sync or async, own
   * and inherited, in the order of the source. A test that throws has failed.
   * All run on one instance, on your machine, and see {@link context}.
   *
   * A suite with an {@link image} runs in a container on the group's network
   * instead, and passes with exit code 0.
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
     * The services that the suite needs: their classes or names. They are
     * started before it, with what they depend on.
     *
     * @default []
     */
    services?: readonly (string | ServiceClass)[];

    /**
     * The suites that must have passed before this one runs: their classes or
     * names. Their {@link tearDown} waits for it. Where one fails, this one is
     * skipped. Suites that do not depend on each other run side by side.
     *
     * @default []
     */
    dependencies?: readonly (string | SuiteClass)[];

    /**
     * How long {@link setUp}, each test, {@link tearDown} and the container may
     * take, in seconds. Past it they have failed.
     *
     * @default the command's `--timeout`: 300
     */
    timeout?: number;

    /**
     * The image of the container that the suite is. It has no test methods
     * then. `{key}` is replaced from {@link context}, as in a service; fields
     * are read when {@link setUp} is done, which may change them.
     */
    image?: string;

    /** The arguments of the container's entrypoint. Needs {@link image}. @default the image's */
    cmd?: Command;

    /** The program that the container runs. Needs {@link image}. @default the image's */
    entrypoint?: Command;

    /** The environment variables of the container; see {@link Service.env}. */
    env?: Env;

    // Without an image it is a name of the suite's own.
    /** With {@link image}: the user in the container, a string. */
    user?: any;

    /** The directory in the container that its program begins in. Needs {@link image}. @default the image's */
    workingDir?: string;

    /** The volumes of the container; see {@link Service.volumes}. Needs {@link image}. */
    volumes?: Volumes;

    /** Called before the first test. What it throws fails all tests. */
    setUp?(): unknown;

    /**
     * Called after the last test, when the suites that depend on this one are
     * done: always when {@link setUp} was begun, also where it failed.
     */
    tearDown?(): unknown;
  }

  /** What is easily taken for a name that suites have. miniboss refuses it. */
  interface MisspeltInSuites {
    /** @deprecated It is a method, `setUp`. */
    setup?: Meant<"setUp">;
    /** @deprecated It is a method, `setUp`. */
    beforeAll?: Meant<"setUp">;
    /** @deprecated It is a method, `setUp`; there is none for each test. */
    beforeEach?: Meant<"setUp">;
    /** @deprecated It is a method, `tearDown`. */
    teardown?: Meant<"tearDown">;
    /** @deprecated It is a method, `tearDown`. */
    afterAll?: Meant<"tearDown">;
    /** @deprecated It is a method, `tearDown`; there is none for each test. */
    afterEach?: Meant<"tearDown">;
    /** @deprecated The field is called `dependencies`. */
    dependsOn?: Meant<"dependencies">;
    /** @deprecated The field is called `timeout`. */
    timeOut?: Meant<"timeout">;
  }

  /** A class of a suite, as {@link Suite.dependencies} takes it. */
  // As ServiceClass; a service is none.
  export type SuiteClass = new () => Pick<Suite, "name"> & { exec?: undefined };

  // Globals ////////////////////////////////////////////////////////////////

  // Only what is marked with export can be imported.
  export {};

  // Where the DOM's types or Node's are there, they must win: they say more,
  // and the rest of the project goes by them. onmessage and exports are what
  // only they have. What is declared here then is empty, or exactly theirs.
  type Dom = { onmessage: any };
  type Node = { exports: any };
  type UnlessNode<T> = typeof globalThis extends Node ? {} : T;
  type Ours<T> = typeof globalThis extends Dom ? {} : UnlessNode<T>;

  // setTimeout and its family.
  interface Timer {
    /** Does nothing here: a timer keeps no command from ending. */
    ref(): this;
    /** Does nothing here: a timer keeps no command from ending. */
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
    /** Shown as an error. It fails nothing: throw for that. */
    error(...values: any[]): void;
    /** Writes where it was called from, as an error. */
    trace(...values: any[]): void;
    /** Writes one value, with the options of Node's `util.inspect`: `depth`, … */
    dir(value: any, options?: { depth?: number | null; [key: string]: any }): void;
    table(...values: any[]): void;
    /** Writes an error where the condition is false. */
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
    /** That of the Node whose behaviour is followed, not of miniboss. */
    readonly version: string;
    readonly versions: Record<string, string | undefined>;
    /** The working directory of the command. Paths in fields are relative to the file instead. */
    cwd(): string;
    /** Seconds since the file was loaded. */
    uptime(): number;
    nextTick(callback: (...args: any[]) => void, ...args: any[]): void;
    hrtime: { (since?: [number, number]): [number, number]; bigint(): bigint };
    /** @deprecated Throws: a hook fails by throwing an error. */
    exit(code?: number): never;
  }

  interface MinibossImportMeta {
    /** The directory of this file, as an absolute path. */
    dirname: string;
    /** This file, as an absolute path. */
    filename: string;
    /** This file as a `file:` URL. */
    url: string;
    /** Always `false`: miniboss is the program, and runs this file. */
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
    /** Fills an array of integers with random ones and returns it. */
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
    /** The bytes of a text in UTF-8. */
    encode(text?: string): Uint8Array<ArrayBuffer>;
    encodeInto(text: string, target: Uint8Array): { read: number; written: number };
  }
  interface MinibossTextDecoder {
    readonly encoding: string;
    readonly fatal: boolean;
    readonly ignoreBOM: boolean;
    /** The text of bytes. With `stream`, a character that is cut off waits for the next call. */
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
    /** Ends the request, also while its body is read. */
    signal?: AbortSignal | null;
    /** What to do with a redirect. @default "follow", at most 20 of them */
    redirect?: "follow" | "manual" | "error";
    /** Must be set where the body is a stream. */
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
    /** Whether the body was read already. It can be read once. */
    readonly bodyUsed: boolean;
    text(): Promise<string>;
    /** Rejects with a SyntaxError where the body is no JSON. */
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
    /** Whether the status is one of 200 to 299. */
    readonly ok: boolean;
    readonly headers: Headers;
    readonly type: string;
    /** Where it came from, after redirects. */
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
    /** Ends what the signal was given to. @param reason what that throws; default: an AbortError */
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
    /** The bytes of a text, an array, an ArrayBuffer or another Buffer. */
    from(text: string, encoding?: Encoding): Buffer;
    from(bytes: ArrayBufferLike | ArrayBufferView | readonly number[]): Buffer;
    /** So many bytes of zero, or of what is given. */
    alloc(size: number, fill?: string | number | Uint8Array, encoding?: Encoding): Buffer;
    /** All the bytes one after the other. */
    concat(list: readonly Uint8Array[], totalLength?: number): Buffer;
    /** How many bytes a text takes. */
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
    /** The global object, as `globalThis`. */
    var global: typeof globalThis;

    /** The directory of this file, as `import.meta.dirname`. */
    var __dirname: string;
    /** This file, as `import.meta.filename`. */
    var __filename: string;
    interface ImportMeta extends UnlessNode<MinibossImportMeta> {}

    namespace NodeJS {
      interface Timeout extends UnlessNode<Timer> {}
      interface Immediate extends UnlessNode<Timer> {}
      interface Process extends UnlessNode<MinibossProcess> {}
    }

    /** Calls a function after some milliseconds, unless the time of the hook that asked for it is up. */
    function setTimeout<TArgs extends any[]>(callback: (...args: TArgs) => void, delay?: number, ...args: TArgs): NodeJS.Timeout;
    function setTimeout(callback: (_: void) => void, delay?: number): NodeJS.Timeout;
    /** Calls a function again and again, every so many milliseconds, until the time of the hook that asked for it is up. */
    function setInterval<TArgs extends any[]>(callback: (...args: TArgs) => void, delay?: number, ...args: TArgs): NodeJS.Timeout;
    /** Calls a function as soon as what runs now gives way. */
    function setImmediate<TArgs extends any[]>(callback: (...args: TArgs) => void, ...args: TArgs): NodeJS.Immediate;
    function clearTimeout(timer: NodeJS.Timeout | string | number | undefined): void;
    function clearInterval(timer: NodeJS.Timeout | string | number | undefined): void;
    function clearImmediate(timer: NodeJS.Immediate | undefined): void;
    /** Calls a function when what runs now is done, before anything else. */
    function queueMicrotask(callback: () => void): void;
    /** A deep copy. Throws a DataCloneError for functions and the like. */
    function structuredClone<T>(value: T): T;
    /** Text, one byte a character, to base64. */
    function btoa(text: string): string;
    /** The opposite of {@link btoa}. */
    function atob(text: string): string;

    /** Writes messages, each with the name of the service in whose hook it is written. */
    interface Console extends Ours<MinibossConsole> {}
    var console: Console;

    /** What is known of the process of `miniboss`. */
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
    /** What an abort and a timeout reject with; look at its `name`. */
    var DOMException: typeof globalThis extends { onmessage: any; DOMException: infer T } ? T
      : typeof globalThis extends Node ? Undeclared : {
        prototype: DOMException;
        new (message?: string, name?: string | { name?: string; cause?: unknown }): DOMException;
      };

    /**
     * Makes an HTTP request, as in a browser or Node. Rejects with a TypeError
     * where no answer comes (its `cause` says why), and never for a status.
     * Inside a hook it ends when the hook's time is up. It keeps no cookies.
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
        /** Aborts after so many milliseconds, with a TimeoutError. */
        timeout(milliseconds: number): AbortSignal;
      };

    interface Buffer<TArrayBuffer extends ArrayBufferLike = ArrayBufferLike> extends UnlessNode<MinibossBuffer> {}
    interface BufferConstructor extends UnlessNode<MinibossBufferConstructor> {}
    var Buffer: BufferConstructor;
  }

  // Node's own types of the same names. They are errors where they are not
  // there, and then nobody uses them.
  // Where Node's type has no name that could be written here, an error that is
  // ignored stands for it: the compiler lets it pass for any type. To import it
  // from where it is (undici-types) would pull all of Node's types in.
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

// Text files that are imported. Only relative names are meant: Vite and others
// declare "*.txt" too, and two declarations of one name are an error.

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

// The modules of Node that there are. The names with "node:" are patterns: where
// Node's own types are there, under the names without a "*", these step back.
// Nothing else ends like them. With a "?" before them, the names always mean
// these. "export =" is ignored as an error where this file counts as an ES module.

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
      /** An absolute path: from the right to the left, until it is one; at last from `process.cwd()`. */
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
      /** For paths as on Linux and macOS, wherever this runs. */
      readonly posix: PlatformPath;
      /** For paths as on Windows, wherever this runs. */
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
  /** The end of a line: `"\n"`, on Windows `"\r\n"`. */
  const EOL: string;
  const devNull: string;
  function arch(): string;
  function availableParallelism(): number;
  /** One entry for each processor. Model, speed and times are empty here. */
  function cpus(): { model: string; speed: number; times: { user: number; nice: number; sys: number; idle: number; irq: number } }[];
  function endianness(): "BE" | "LE";
  function homedir(): string;
  function hostname(): string;
  /** The addresses of this machine, by interface. */
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
    /** The same, where `equal` and `deepEqual` are strict. */
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
  /** Relative ones are relative to `process.cwd()`; use `import.meta.dirname` for what lies beside the file. */
  type Path = string | Uint8Array | URL;
  type Encoding = "utf8" | "utf-8" | "hex" | "base64" | "base64url" | "latin1" | "binary" | "ascii" | "utf16le" | "utf-16le" | "ucs2" | "ucs-2";
  type Data = string | ArrayBufferView;
  type Stream = Iterable<Data> | AsyncIterable<Data>;
  type WriteOptions = Encoding | { encoding?: Encoding | null; mode?: number | string; flag?: string; signal?: AbortSignal } | null;
  interface CopyOptions<Wanted = boolean | Promise<boolean>> {
    /** @default false */
    recursive?: boolean;
    /** Writes over files that are there. @default true */
    force?: boolean;
    /** With `force: false`: rejects where a file is there. @default false */
    errorOnExist?: boolean;
    /** Says what to copy. */
    filter?(from: string, to: string): Wanted;
    /** Copies what links point at. @default false */
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
    /** The directory that it is in. */
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
  /** Rejects where the file is not there, or may not be used as `mode` says (`constants.R_OK`, …). */
  function access(path: Path, mode?: number): Promise<void>;
  /** Writes at the end of a file, which is made where it is not there. */
  function appendFile(path: Path, data: Data | Stream, options?: WriteOptions): Promise<void>;
  function chmod(path: Path, mode: number | string): Promise<void>;
  /** Copies one file over another; with `constants.COPYFILE_EXCL` that must not be there. */
  function copyFile(from: Path, to: Path, mode?: number): Promise<void>;
  /** Copies a file, or with `recursive` a directory. The directories above `to` are made. */
  function cp(from: Path, to: Path, options?: CopyOptions): Promise<void>;
  /** As `stat`, of a link itself. */
  function lstat(path: Path): Promise<Stats>;
  /** Makes a directory. With `recursive`, those above it too, and it may be there already; gives the first that was made. */
  function mkdir(path: Path, options?: number | string | { recursive?: boolean; mode?: number | string }): Promise<string | undefined>;
  /** Makes a directory whose name is the prefix and six random letters. */
  function mkdtemp(prefix: string): Promise<string>;
  /** All of a file: a Buffer, or with an encoding text. */
  function readFile(path: Path, options?: { encoding?: null; signal?: AbortSignal } | null): Promise<Buffer>;
  function readFile(path: Path, options: Encoding | { encoding: Encoding; signal?: AbortSignal }): Promise<string>;
  /** The names in a directory, with `recursive` those below too. */
  function readdir(path: Path, options?: Encoding | { withFileTypes?: false; recursive?: boolean } | null): Promise<string[]>;
  function readdir(path: Path, options: { withFileTypes: true; recursive?: boolean }): Promise<Dirent[]>;
  /** Where a link points. */
  function readlink(path: Path): Promise<string>;
  /** The path without links. */
  function realpath(path: Path): Promise<string>;
  function rename(from: Path, to: Path): Promise<void>;
  /** Removes a file, or with `recursive` a directory. With `force` it may be missing. */
  function rm(path: Path, options?: { recursive?: boolean; force?: boolean }): Promise<void>;
  /** Removes an empty directory. */
  function rmdir(path: Path): Promise<void>;
  function stat(path: Path): Promise<Stats>;
  /** Makes a link at `path`. */
  function symlink(target: Path, path: Path): Promise<void>;
  function unlink(path: Path): Promise<void>;
  /** Writes a file. A stream, such as the `body` of a response, is written as it comes, and never in memory as a whole. */
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
  /** A whole number from `min`, or 0, up to but without `max`. */
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
  /** Resolves after so many milliseconds, with the value. */
  function setTimeout<T = void>(delay?: number, value?: T, options?: { signal?: AbortSignal }): Promise<T>;
  /** Resolves as soon as what runs now gives way, with the value. */
  function setImmediate<T = void>(value?: T, options?: { signal?: AbortSignal }): Promise<T>;
}

declare module "*node:url" {
  export import URL = globalThis.URL;
  export import URLSearchParams = globalThis.URLSearchParams;
  /** The path of a `file:` URL. Throws for any other. */
  function fileURLToPath(url: string | URL): string;
  function pathToFileURL(path: string): URL;
}

declare module "*node:util" {
  export import TextDecoder = globalThis.TextDecoder;
  export import TextEncoder = globalThis.TextEncoder;
  /** Text as `console.log` writes it, with `%s`, `%d`, `%i`, `%f`, `%j`, `%o` and `%O`. */
  function format(...values: unknown[]): string;
  /** A value as `console.log` shows it. */
  function inspect(value: unknown, options?: { depth?: number | null; [key: string]: unknown }): string;
  function isDeepStrictEqual(a: unknown, b: unknown): boolean;
  /** Makes a function that returns a promise of one whose last argument is a callback. */
  function promisify(f: (...args: any[]) => void): (...args: any[]) => Promise<any>;
}

// The same without "node:". What Node's types have under these names comes first.

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
