/** What documents must keep to together: names, and whom they name. */
import type { Kind } from '../../model/desired.ts';
import { type DocumentOf, ofKind, problemIn, spot, startOf, type ValidDocument } from '../document.ts';
import { didYouMean } from '../near.ts';
import { problemAt } from '../problem.ts';
import { shown } from '../shown.ts';
import type { Told } from './told.ts';

/** `unread`: kinds of which a document cannot be read, so that it is not known what it would have declared. */
export function checkRepository(documents: readonly ValidDocument[], unread: ReadonlySet<Kind>, told: Told): void {
  checkNames(documents, told);
  checkRollouts(ofKind(documents, 'Rollout'), told);
  checkContents(ofKind(documents, 'TaniumContent'), told);
  checkProviders(documents, unread, told);
}

function checkNames(documents: readonly ValidDocument[], { errors }: Told): void {
  const first = new Map<string, ValidDocument>();
  for (const document of documents) {
    const key = `${document.kind} ${document.name}`;
    const other = first.get(key);
    if (other === undefined) {
      first.set(key, document);
      continue;
    }
    const message = `${document.kind} ${shown(document.name)} is declared at ${spot(other.file, startOf(other))} already.`;
    errors.push(problemIn(document, 'TRUEUP_DOCUMENT_TWICE', document.value.metadata, 'name', message));
  }
}

function checkRollouts(rollouts: readonly DocumentOf<'Rollout'>[], { errors }: Told): void {
  const [first, ...others] = rollouts;
  if (first === undefined) return;
  for (const other of others) {
    const message = `There is a Rollout at ${spot(first.file, startOf(first))} already, and a configuration has at most one.`;
    errors.push(problemAt('TRUEUP_ROLLOUT_TWICE', other.file, startOf(other), message));
  }
}

/** Of each there is one, whichever document has it; computer groups are as many as one likes. */
const contentSections = {
  manage: 'manage',
  contentSet: 'The content set',
  sensor: 'The sensor',
  postureSensor: 'The posture sensor',
  package: 'The package',
  apiToken: 'The API token',
} as const;

function checkContents(contents: readonly DocumentOf<'TaniumContent'>[], { errors }: Told): void {
  for (const key of Object.keys(contentSections) as (keyof typeof contentSections)[]) {
    const [first, ...others] = contents.filter(({ value }) => value.spec[key] !== undefined);
    if (first === undefined) continue;
    const pointAt = spot(first.file, first.places.key(first.value.spec, key));
    for (const other of others) {
      const message = `${contentSections[key]} is declared at ${pointAt} already.`;
      errors.push(problemIn(other, 'TRUEUP_CONTENT_MISMATCH', other.value.spec, key, message));
    }
  }
}

export function providerName({ value }: DocumentOf<'EdrProvider'>): string {
  return value.spec.name ?? value.metadata.name;
}

function isOff({ value }: DocumentOf<'EdrProvider'>): boolean {
  return value.spec.enable === false || value.spec.releaseToggle?.enabled === false;
}

/** #80, #81, #113 */
function checkProviders(
  documents: readonly ValidDocument[],
  unread: ReadonlySet<Kind>,
  { errors, warnings }: Told,
): void {
  const providers = new Map<string, DocumentOf<'EdrProvider'>>();
  for (const provider of ofKind(documents, 'EdrProvider')) {
    const name = providerName(provider);
    const other = providers.get(name);
    if (other === undefined) providers.set(name, provider);
    else if (other.name !== provider.name) {
      const message = `The provider at ${spot(other.file, startOf(other))} has the name ${shown(name)} too.`;
      const [holder, key] =
        provider.value.spec.name === undefined ? [provider.value.metadata, 'name'] : [provider.value.spec, 'name'];
      errors.push(problemIn(provider, 'TRUEUP_PROVIDER_TWICE', holder, key, message));
    }
  }
  for (const policy of ofKind(documents, 'ComputerPolicy')) {
    const { spec } = policy.value;
    if (spec.edrIntegration === undefined) continue;
    const provider = providers.get(spec.edrIntegration);
    if (provider === undefined) {
      if (unread.has('EdrProvider')) continue;
      const names = [...providers.keys()];
      const known = names.length === 0 ? ' No EdrProvider is declared.' : ` Declared: ${names.map(shown).join(', ')}.`;
      const hint = didYouMean(spec.edrIntegration, names) || known;
      const message = `There is no EdrProvider with the name ${shown(spec.edrIntegration)}.${hint}`;
      errors.push(problemIn(policy, 'TRUEUP_PROVIDER_UNKNOWN', spec, 'edrIntegration', message));
    } else if (isOff(provider)) {
      const message = `The provider ${shown(spec.edrIntegration)} is declared off (${spot(provider.file, startOf(provider))}): no scans and no actions are planned.`;
      warnings.push(problemIn(policy, 'TRUEUP_PROVIDER_DISABLED', spec, 'edrIntegration', message));
    }
  }
}
