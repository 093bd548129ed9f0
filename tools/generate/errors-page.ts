/** `docs/errors.md`: every error and every problem of a configuration, from their catalogues. */
import { problemCatalogue } from '../../src/desired/problem.ts';
import { catalogue } from '../../src/error-catalogue.ts';
import { cell, generatedNote, table } from './markdown.ts';

export function errorsPage(): string {
  const errors = Object.entries(catalogue).map(([code, { exit, cause, remedy }]) => [
    `\`${code}\``,
    String(exit),
    cell(cause),
    cell(remedy),
  ]);
  const problems = Object.entries(problemCatalogue).map(([code, { meaning, remedy }]) => [
    `\`${code}\``,
    cell(meaning),
    cell(remedy),
  ]);
  return `# Errors

${generatedNote}

Every error has a code that does not change, says what happened, names the likely cause, and what to do.

## Errors that end a command

${table(['code', 'exit', 'likely cause', 'remedy'], errors)}

## Problems of a configuration

\`trueup validate\` tells all of them in one run, each with its file, line and column. An error ends every command with
\`TRUEUP_CONFIG_INVALID\` and exit 1; a warning ends none.

${table(['code', 'what it means', 'remedy'], problems)}
`;
}
