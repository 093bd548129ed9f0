/**
 * Every error that the program raises: a stable code, the exit status, the likely cause, the remedy. The seed's
 * troubleshooting table lives here. `docs/errors.md` is generated from it.
 */
import { passwordErrors } from './password-errors.ts';

export interface Entry {
  readonly exit: number;
  readonly cause: string;
  readonly remedy: string;
}

const commonErrors = {
  TRUEUP_USAGE: {
    exit: 1,
    cause: 'The command line has an option or a value that this command does not take.',
    remedy: 'See the command with --help.',
  },
  TRUEUP_CONFIG_INVALID: {
    exit: 1,
    cause: 'The configuration has errors; each is named with its file, line and column.',
    remedy: 'Mend them and run `trueup validate` until it says ok.',
  },
  TRUEUP_CONFIG_NOT_FOUND: {
    exit: 1,
    cause: 'The path of --config names nothing that can be read, or a folder without *.yaml files.',
    remedy: 'Name a file or a folder with --config or TRUEUP_CONFIG; `trueup init` writes a first one.',
  },
  TRUEUP_PROVIDER_COUNT: {
    exit: 1,
    cause: 'A run works for exactly one EdrProvider.',
    remedy: 'Narrow --config to the files of one provider.',
  },
  TRUEUP_SECRET_UNREADABLE: {
    exit: 1,
    cause: 'A secret reference names a variable that is not set, a file that cannot be read, or a command that failed.',
    remedy: 'Set the variable, mend the file or the command; the message names the reference, never the secret.',
  },
  TRUEUP_TOGGLE_MISSING: {
    exit: 1,
    cause:
      'The release toggle has no row: this NPS-D release lacks the Tanium integration, or its migration has not run.',
    remedy: 'Check `s1 migrate status` on the NPS-D host; Trueup never inserts the row.',
  },
  TRUEUP_PROVIDER_MISSING: {
    exit: 1,
    cause: 'NPS-D has no provider row of this name, and Trueup never inserts one into its database.',
    remedy: 'Create the provider in NPS-D: Configure → Server → EDR Provider Configuration → Add New.',
  },
  TRUEUP_PROVIDER_AMBIGUOUS: {
    exit: 1,
    cause: 'More than one provider row matches, and an update could reach the wrong one.',
    remedy: 'Give the rows different names, and name the path in EdrProvider.spec.fields.provider.name.',
  },
  TRUEUP_STORE_UNREACHABLE: {
    exit: 1,
    cause: 'The database does not answer, or refuses the credentials.',
    remedy: 'Check --store or TRUEUP_STORE, that the server runs, and its network and rights.',
  },
  TRUEUP_STORE_NEWER: {
    exit: 1,
    cause: 'A newer Trueup has written this store.',
    remedy: 'Use that version, or restore a backup made before the upgrade.',
  },
  TRUEUP_STORE_INVALID: {
    exit: 1,
    cause: 'The store holds something that Trueup did not write, or a record of a shape that it does not know.',
    remedy: 'The message names the record; restore it from a backup, or mend it in NPS-D.',
  },
  TRUEUP_STORE_BUSY: {
    exit: 1,
    cause: 'Another apply or reconcile works for this provider.',
    remedy: 'Wait until it has ended, or stop it; a process that has died is taken over by itself.',
  },
  TRUEUP_TANIUM_UNREACHABLE: {
    exit: 1,
    cause: 'The Tanium host did not answer: a wrong name, a closed port, a proxy, or no network.',
    remedy: 'Check apiBaseUrl and proxy, and reach the host with curl from this machine.',
  },
  TRUEUP_TANIUM_TLS: {
    exit: 1,
    cause: 'The certificate of the Tanium host is not trusted, or the host does not speak TLS 1.2 or later.',
    remedy: 'Name the certificate authority in EdrProvider.spec.tls.ca; checking cannot be turned off.',
  },
  TRUEUP_TANIUM_PROXY: {
    exit: 1,
    cause: 'The proxy refused the connection or its credentials.',
    remedy: 'Check EdrProvider.spec.proxy: url, username and password.',
  },
  TRUEUP_TANIUM_UNAUTHORIZED: {
    exit: 1,
    cause: 'Tanium does not accept the token: it is wrong, expired, or this address is not among its trusted ones.',
    remedy:
      'Make a new API token in Tanium (Administration → Permissions → API Tokens) and set it where apiKey points.',
  },
  TRUEUP_TANIUM_FORBIDDEN: {
    exit: 1,
    cause: 'The persona of the token lacks a right, or the session has expired.',
    remedy: 'Grant the right that the message names, or make a new token.',
  },
  TRUEUP_TANIUM_NOT_FOUND: {
    exit: 1,
    cause: 'Tanium has no such object, or the token may not see it.',
    remedy: 'Check the name, letter by letter, and the content set of the object.',
  },
  TRUEUP_TANIUM_BUSY: {
    exit: 1,
    cause: 'Tanium has too much to do, and asks to come later (429).',
    remedy: 'Run again later, or less often.',
  },
  TRUEUP_TANIUM_SERVER: {
    exit: 1,
    cause: 'Tanium, or a gateway before it, failed (5xx).',
    remedy: 'Run again; if it goes on, look at the status of the Tanium instance.',
  },
  TRUEUP_TANIUM_REFUSED: {
    exit: 1,
    cause: 'Tanium refused the request; its own text is in the message.',
    remedy: 'Mend what the text names.',
  },
  TRUEUP_TANIUM_PROTOCOL: {
    exit: 1,
    cause:
      'The answer is not that of the Tanium API v2: cut off, HTML of a login page or gateway, or of another shape.',
    remedy:
      'Check that apiBaseUrl is the API host (https://NAME-api.cloud.tanium.com) and that no proxy answers instead.',
  },
  TRUEUP_SENSOR_NOT_FOUND: {
    exit: 1,
    cause: 'The name does not match exactly; Tanium tells upper from lower case.',
    remedy: 'Check options.sensor_name against the sensor in Tanium: Administration → Content → Sensors.',
  },
  TRUEUP_SENSOR_FOREIGN: {
    exit: 1,
    cause: 'A sensor of that name exists, but its answers are not ours.',
    remedy: 'Put secureone_management.ps1 into the sensor, or name the right sensor in options.sensor_name.',
  },
  TRUEUP_PACKAGE_NOT_FOUND: {
    exit: 1,
    cause: 'The name does not match exactly, or the package was never created.',
    remedy: 'Check options.package_name against the package in Tanium: Administration → Content → Packages.',
  },
  TRUEUP_PACKAGE_PARAMETER: {
    exit: 1,
    cause: 'The number of the parameter in the package ($0 or $1) is not that of options.package_param_offset.',
    remedy: 'Set package_param_offset to the number that the package shows.',
  },
  TRUEUP_ACTION_GROUP_NOT_FOUND: {
    exit: 1,
    cause: 'No action group has this name.',
    remedy: 'Check options.action_group_name; on most servers it is "Default - All Computers", never "Default".',
  },
  TRUEUP_ACTION_GROUP_EMPTY: {
    exit: 1,
    cause: 'The action group has no computer group but No Computers, like the "Default" of most servers.',
    remedy: 'Set options.action_group_name to one that has the devices, such as "Default - All Computers".',
  },
  TRUEUP_GROUP_NOT_FOUND: {
    exit: 1,
    cause: 'A computer group is named that Tanium does not have, or that the token may not see.',
    remedy: 'Check options.bulk_scan_group, or taniumGroup of the selector, letter by letter.',
  },
  TRUEUP_SCAN_TIMEOUT: {
    exit: 4,
    cause: 'No device answered the question in time.',
    remedy: 'Raise options.action_timeout_seconds (600 to 3600), or see in Tanium whether clients are registered.',
  },
  TRUEUP_NO_SCAN: {
    exit: 4,
    cause: 'A report is of the scan that is stored, and this store holds none of this provider.',
    remedy: 'Run `trueup scan` with the same --store, or name the store that the scans are kept in.',
  },
  TRUEUP_BULK_SCAN_DISABLED: {
    exit: 1,
    cause: 'bulk_scan_enabled is false, so that nothing is scanned as a group.',
    remedy: 'Set bulk_scan_enabled to true, and bulk_scan_group, in EdrProvider.spec.options; then apply.',
  },
  TRUEUP_SCAN_DISABLED: {
    exit: 1,
    cause:
      'A computer is scanned where Scan is enabled, its system is Windows and its EDR integration is this provider.',
    remedy: 'Declare it with a ComputerPolicy (scan, edrIntegration), or change its settings in NPS-D; then apply.',
  },
  TRUEUP_SELECTOR_UNKNOWN: {
    exit: 1,
    cause: 'A selector looks at something that this store cannot know.',
    remedy: 'Select by another attribute, or use the store that has it.',
  },
  TRUEUP_NAME_UNRESOLVED: {
    exit: 1,
    cause: 'No inventory has shown a SID for this name, and EdrProvider.spec.principals does not give one.',
    remedy: 'Add the name and its SID to EdrProvider.spec.principals, or give the member by SID.',
  },
  TRUEUP_NAME_AMBIGUOUS: {
    exit: 1,
    cause: 'Inventories show two SIDs for one name: two domains of one NetBIOS name, or an account that was made anew.',
    remedy: 'Give the member by SID.',
  },
  TRUEUP_GUARD_PERMANENT: {
    exit: 1,
    cause: 'What this guard keeps from happening would do harm that nobody could mend, or cannot be done at all.',
    remedy: 'Read in the plan what the guard says, and change what it names.',
  },
  TRUEUP_BUDGET_EXCEEDED: {
    exit: 3,
    cause: 'The run, with what was done in the 24 hours before, would change more than the Rollout allows.',
    remedy: 'Read the plan. If it is right, raise the budget in the Rollout, or wait.',
  },
  TRUEUP_TOO_FEW_OBSERVED: {
    exit: 4,
    cause: 'Too few of the enrolled devices answered to enforce anything safely.',
    remedy: 'Wait until more are online, or lower Rollout.spec.minObserved.',
  },
  TRUEUP_PROVIDER_OFF: {
    exit: 3,
    cause: 'Somebody disabled the integration in NPS-D while the run was under way.',
    remedy: 'Find out why; enable it again, or declare it off, before the next run.',
  },
  TRUEUP_NOT_CONFIRMED: {
    exit: 1,
    cause: 'Apply asks before it changes anything, and there is no terminal to ask on.',
    remedy: 'Give --yes.',
  },
  TRUEUP_TURNS_OFF: {
    exit: 3,
    cause:
      'EdrProvider.spec.enable or releaseToggle.enabled is false now, and while it is, nothing is scanned or mended.',
    remedy: 'Declare it on again; or, where it is meant, run `trueup apply --turn-off`.',
  },
  TRUEUP_PLAN_STALE: {
    exit: 5,
    cause: 'Configuration, fleet or records have moved since the plan was saved.',
    remedy: 'Make and review a new plan.',
  },
  TRUEUP_PLAN_INVALID: {
    exit: 1,
    cause: 'The file is not a plan of this version, or it was altered.',
    remedy: 'Make it anew with `trueup plan --out FILE`.',
  },
  TRUEUP_DEVICE_NOT_FOUND: {
    exit: 1,
    cause: 'No device has this name or Computer ID.',
    remedy: 'Give the Computer Name, NAME#COMPUTERID where it is not unique, or the Computer ID.',
  },
  TRUEUP_INTERRUPTED: {
    exit: 130,
    cause: 'The run was interrupted.',
    remedy: 'Run it again: it takes up what is under way and repeats nothing.',
  },
  TRUEUP_AUDIT_BROKEN: {
    exit: 1,
    cause: 'Somebody with access to the store, or to the file of its newest hash, altered one of them.',
    remedy: 'Keep both as they are, compare them with a backup, and ask who had access.',
  },
  TRUEUP_SIMULATOR: {
    exit: 1,
    cause: 'The simulator cannot start as asked.',
    remedy: 'See the message; a port of 0 takes a free one.',
  },
  TRUEUP_INTERNAL: {
    exit: 1,
    cause: 'A fault of Trueup itself.',
    remedy: 'Please report it with the text above; no secret is in it.',
  },
} as const;

export const catalogue: typeof commonErrors & typeof passwordErrors = { ...commonErrors, ...passwordErrors };
