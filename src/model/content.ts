import type { PolicyRef, Source } from './desired.ts';

/**
 * What the integration needs in Tanium: two sensors, a package with its files, groups, an API token. Declared by
 * TaniumContent, looked at through the port `FleetContent`, and held against each other by `reconcile/content.ts`.
 */
export type ContentManage = 'report' | 'create' | 'update';

/** Every default is filled in; what is null comes from the provider's options. */
export interface DesiredContent {
  /** Null: no TaniumContent is declared, and nothing but the defaults is known. */
  readonly ref: PolicyRef | null;
  readonly manage: ContentManage;
  readonly sensor: DesiredSensor;
  readonly postureSensor: DesiredSensor;
  /** Whether anybody asks for the posture: a baseline, or a `postureSensor` that is declared. */
  readonly wantsPosture: boolean;
  readonly package: DesiredPackage;
  /** Whether a policy changes a device, so that the package has to be there (#54, #55). */
  readonly needsPackage: boolean;
  readonly computerGroups: readonly DesiredComputerGroup[];
  readonly apiToken: DesiredToken;
}

export interface DesiredSensor {
  readonly name: string | null;
  readonly contentSet: string;
  readonly category: string;
  /** Null: of `options.sensor_max_age_seconds`. */
  readonly maxAgeSeconds: number | null;
  /** Null: Disabled. */
  readonly maxStringAgeSeconds: number | null;
  readonly maxStrings: number | null;
  readonly script: ScriptSource;
  /** What other platforms answer; null: they have no script. */
  readonly otherPlatforms: string | null;
  readonly backgroundCollection: boolean;
  /** Keys that a document has: what is only recommended is changed where somebody asked for it, and told otherwise. */
  readonly declared: readonly string[];
  readonly source: Source | null;
}

export interface DesiredPackage {
  readonly name: string | null;
  /** Null: not declared, and any is right. */
  readonly displayName: string | null;
  readonly contentSet: string;
  /** Null: the one of the integration, with the parameter of `options.package_param_offset`. */
  readonly command: string | null;
  readonly commandTimeoutSeconds: number;
  readonly downloadTimeoutSeconds: number;
  readonly ignoreActionLock: boolean;
  readonly parameterLabel: string;
  /** By their names in the package, the wrapper among them. */
  readonly files: readonly DesiredFile[];
  readonly declared: readonly string[];
  readonly source: Source | null;
}

export interface DesiredFile {
  readonly name: string;
  readonly script: ScriptSource;
}

/** `own`: the one that comes with Trueup, by its file name; else a path as declared, relative to the working directory. */
export type ScriptSource =
  | { readonly own: 'secureone_management.ps1' | 'expand_params.ps1' }
  | { readonly path: string; readonly sha256: string | null; readonly source: Source };

export interface DesiredComputerGroup {
  readonly name: string;
  readonly purpose: 'scan' | 'bulk';
  readonly maxExtraPercent: number;
}

export interface DesiredToken {
  /** Null: none is declared, and any name is right. */
  readonly name: string | null;
  /** ISO date until which it is known to hold, of `apiToken.expires` or `EdrProvider.spec.apiKeyExpires`; null: not declared. */
  readonly expires: string | null;
  /** Days before the end from which on it is told (#73). */
  readonly warnDays: number;
  /** Whether a right that nothing uses is a warning, and not only told. */
  readonly minimumRights: boolean;
}

/** Tanium's own objects, as far as anybody holds something against them. Foreign texts, all of them. */
export interface ObservedContent {
  readonly sensor: LookedUp<ObservedSensor>;
  /** Null: nobody asked. */
  readonly postureSensor: LookedUp<ObservedSensor> | null;
  readonly package: LookedUp<ObservedPackage>;
  /** Names of the content sets; null: the server does not let the token see them. */
  readonly contentSets: readonly string[] | null;
  /** Null: the server does not let the token see them, as all lists below. */
  readonly computerGroups: readonly ObservedGroup[] | null;
  readonly actionGroups: readonly ObservedActionGroup[] | null;
  readonly tokens: readonly ObservedToken[] | null;
  /** Null: the server does not tell what the token may do. */
  readonly persona: ObservedPersona | null;
}

/** What was found under a name, byte for byte; where nothing was, the names that are like it. */
export interface LookedUp<T> {
  readonly name: string;
  readonly found: T | null;
  readonly near: readonly string[];
}

export interface ObservedSensor {
  readonly id: number;
  readonly name: string;
  readonly contentSet: string;
  readonly category: string;
  /** Tanium's `value_type`: `String` is the console's Text. */
  readonly valueType: string;
  readonly maxAgeSeconds: number;
  /** 0: Disabled. */
  readonly maxStringAgeMinutes: number;
  readonly maxStrings: number;
  readonly ignoreCase: boolean;
  readonly hidden: boolean;
  /** Names of the columns that it splits its answers into; none: it does not. */
  readonly columns: readonly string[];
  /** Keys of its parameters; ours have none. */
  readonly parameters: readonly string[];
  readonly queries: readonly ObservedQuery[];
}

export interface ObservedQuery {
  /** `Windows`, `Linux`, `Mac`, `Solaris`, `AIX`. */
  readonly platform: string;
  /** `Powershell`, `VBScript`, `UnixShell`, … */
  readonly scriptType: string;
  readonly script: string;
}

export interface ObservedPackage {
  readonly id: number;
  readonly name: string;
  readonly displayName: string;
  readonly contentSet: string;
  readonly command: string;
  readonly commandTimeoutSeconds: number;
  readonly expireSeconds: number;
  /** Ignore Action Lock. */
  readonly skipLock: boolean;
  readonly processGroup: boolean;
  readonly parameters: readonly ObservedParameter[];
  readonly files: readonly ObservedFile[];
}

export interface ObservedParameter {
  readonly key: string;
  readonly label: string;
  /** The last word of Tanium's name for it: `TextInputParameter`. */
  readonly type: string;
}

export interface ObservedFile {
  readonly name: string;
  /** SHA-256 of its bytes, in hexadecimal. */
  readonly hash: string;
  readonly size: number;
  /** `Cached`, `Processing`, `Error…`; empty: not told. */
  readonly cacheStatus: string;
  /** Its text, where its hash is none that was expected and the server gives the file; null: not looked at. */
  readonly text: string | null;
}

export interface ObservedGroup {
  readonly id: number;
  readonly name: string;
  /** Its right-hand side of a question, as the server has it. */
  readonly text: string;
}

export interface ObservedActionGroup {
  readonly id: number;
  readonly name: string;
  /** Names of its computer groups. */
  readonly groups: readonly string[];
}

export interface ObservedToken {
  readonly id: number;
  readonly name: string;
  readonly notes: string;
  readonly personaId: number;
  readonly userId: number;
  /** ISO times; null: not told. */
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly expireInDays: number;
  /** Comma separated addresses and networks; empty: those of the server's own setting. */
  readonly trusted: string;
}

/** Who the token acts as. */
export interface ObservedPersona {
  readonly userId: number;
  readonly user: string;
  /** Privileges in Tanium's words, each with the content sets that it holds in, empty where it is of none. */
  readonly privileges: readonly ObservedPrivilege[];
}

export interface ObservedPrivilege {
  readonly name: string;
  readonly contentSets: readonly string[];
}

/** What the persona of the token needs for the requests of `tanium/surface.ts`, in the words of Tanium's console. */
export type TaniumRight =
  | 'Action - Read'
  | 'Action - Write'
  | 'Action Group - Read'
  | 'Computer Group - Read'
  | 'Computer Group - Write'
  | 'Content Set - Read'
  | 'Package - Read'
  | 'Package - Write'
  | 'Question - Ask'
  | 'Sensor - Read'
  | 'Sensor - Write'
  | 'Token - Read'
  | 'Token - Use'
  | 'Token - Write';

/**
 * `error`: the integration does not work so. `warning`: it works worse or will end. `info`: it differs from what is
 * recommended, and that is the operator's choice. `skipped`: the API cannot tell; the remedy says where to look.
 */
export type ContentSeverity = 'error' | 'warning' | 'info' | 'skipped';

export interface ContentFinding {
  /** `sensor.category`, `package.command.NoProfile`: what was compared, the same in every release. */
  readonly id: string;
  readonly severity: ContentSeverity;
  /** `sensor "NPS Admin Members"`. */
  readonly object: string;
  /** The property by its name in the Tanium console; empty: the whole object. */
  readonly property: string;
  /** As a person reads it; null: nothing is to be there, or was. */
  readonly expected: string | null;
  readonly actual: string | null;
  /** One sentence with what is and what should be. */
  readonly message: string;
  /** Null: nothing has to be done. */
  readonly remedy: string | null;
}

/** What came of one object, for a line that says that it is right. */
export interface ContentVerdict {
  /** `sensor`, `posture-sensor`, `package`, `content-set`, `computer-group`, `action-group`, `token`. */
  readonly kind: string;
  /** `sensor "NPS Admin Members"`. */
  readonly object: string;
  /** `npsd`: NPS-D's own script; `foreign`: a script that is neither ours nor NPS-D's. */
  readonly state: 'present' | 'missing' | 'foreign' | 'npsd' | 'unknown';
  /** Properties that were held against what they should be. */
  readonly compared: number;
  /** Those that are not as they should be, the worst first. */
  readonly findings: readonly ContentFinding[];
}
