/** The command line of the package, as the integration documents it (npsd-domain.md #58). */

export const wrapperFile = 'expand_params.ps1';
export const managementFile = 'secureone_management.ps1';

/** Each must be there, and the message names the one that is not (#58). */
export const commandFlags = [
  '-ExecutionPolicy Bypass',
  '-WindowStyle Hidden',
  '-NonInteractive',
  '-NoProfile',
] as const;

export function documentedCommand(offset: number): string {
  return `cmd.exe /d /c powershell.exe ${commandFlags.join(' ')} -File ${wrapperFile} $${offset}`;
}

/** Those that a command line lacks; PowerShell tells no upper from lower case, and blanks are as many as one likes. */
export function missingFlags(command: string): readonly string[] {
  const words = ` ${command.toLowerCase().replaceAll(/\s+/g, ' ')} `;
  return commandFlags.filter((flag) => !words.includes(` ${flag.toLowerCase()} `));
}

/** The wrapper is what it runs, and its one parameter the last word. */
export function endsAsDocumented(command: string): boolean {
  return /\s-file\s+"?(?:[^\s"]*[\\/])?expand_params\.ps1"?\s+"?\$\d"?\s*$/i.test(command);
}

/** `$0`, `$1`, …: each once, in order. */
export function parametersUsed(command: string): readonly string[] {
  return [...new Set(command.match(/\$\d+/g) ?? [])].toSorted();
}
