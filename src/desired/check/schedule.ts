/** What begins and ends: exclusions, grants, windows, freezes and suspensions. */

import { beginOf, endOf } from '../../model/moment.ts';
import { type DocumentOf, problemIn, type ValidDocument } from '../document.ts';
import type { Window } from '../generated/documents.ts';
import { listOf } from '../overlap.ts';
import type { Told } from './told.ts';

export function checkExclusion(document: DocumentOf<'Exclusion'>, nowMs: number, { errors }: Told): void {
  const { spec } = document.value;
  if (endOf(spec.until) > nowMs) return;
  const message = `The exclusion ended with ${spec.until}. Take it out, or renew it.`;
  errors.push(problemIn(document, 'TRUEUP_EXPIRED', spec, 'until', message));
}

const longestGrantMs = 24 * 3_600_000;

export function checkGrant(document: DocumentOf<'AccessGrant'>, nowMs: number, { errors, warnings }: Told): void {
  const { spec } = document.value;
  const length = endOf(spec.until) - beginOf(spec.from);
  if (length <= 0) {
    errors.push(
      problemIn(
        document,
        'TRUEUP_PERIOD',
        spec,
        'until',
        `The grant ends (${spec.until}) before it begins (${spec.from}).`,
      ),
    );
  } else if (length > longestGrantMs) {
    const hours = Math.ceil(length / 360_000) / 10;
    errors.push(
      problemIn(document, 'TRUEUP_PERIOD', spec, 'until', `The grant lasts ${hours} hours, and 24 are the most.`),
    );
  }
  if (endOf(spec.until) > nowMs) return;
  warnings.push(
    problemIn(document, 'TRUEUP_EXPIRED', spec, 'until', `The grant ended with ${spec.until}. Take it out.`),
  );
}

export function checkWindows(document: ValidDocument, windows: readonly Window[] | undefined, { errors }: Told): void {
  for (const window of windows ?? []) {
    if (window.from !== window.to) continue;
    const message = `The window begins and ends at ${window.from}: it is empty, or the whole day.`;
    errors.push(problemIn(document, 'TRUEUP_PERIOD', window, 'to', message));
  }
}

type Rollout = DocumentOf<'Rollout'>;

export function checkRollout(document: Rollout, nowMs: number, told: Told): void {
  const { spec } = document.value;
  checkWindows(document, spec.maintenanceWindows, told);
  checkWaves(document, told);
  checkFreezes(document, told);
  const { suspend } = spec;
  if (suspend === undefined || endOf(suspend.until) > nowMs) return;
  const message = `The suspension ended with ${suspend.until}. Take it out.`;
  told.warnings.push(problemIn(document, 'TRUEUP_EXPIRED', suspend, 'until', message));
}

function checkWaves(document: Rollout, { errors, warnings }: Told): void {
  const { spec } = document.value;
  const { waves = [], canaries, gate } = spec;
  const names = new Set<string>();
  for (const [index, wave] of waves.entries()) {
    const { name, size } = wave;
    if (name !== undefined && names.has(name)) {
      const message = `Two waves are called ${name}: nobody could release one of them.`;
      errors.push(problemIn(document, 'TRUEUP_VALUE', wave, 'name', message));
    }
    if (name !== undefined && /^\d+$/.test(name)) {
      const message = `The wave is called ${name}, and a number is how a wave without a name is released.`;
      errors.push(problemIn(document, 'TRUEUP_VALUE', wave, 'name', message));
    }
    if (name !== undefined) names.add(name);
    if (size !== 'rest' || index === waves.length - 1) continue;
    const message = 'The rest is everything that is left, so that no wave can follow it.';
    errors.push(problemIn(document, 'TRUEUP_VALUE', wave, 'size', message));
  }
  const several = canaries !== undefined || waves.length > 1;
  if (gate !== undefined && !several) {
    const message = 'The gate stands between waves, and everything goes in one: declare canaries or waves.';
    warnings.push(problemIn(document, 'TRUEUP_VALUE', spec, 'gate', message));
  }
  if (gate !== undefined || !several) return;
  const message = 'Without a gate each wave follows the one before, whatever came of it: declare a gate.';
  const key = canaries === undefined ? 'waves' : 'canaries';
  warnings.push(problemIn(document, 'TRUEUP_VALUE', spec, key, message));
}

function checkFreezes(document: Rollout, { errors }: Told): void {
  const { freeze } = document.value.spec;
  if (freeze === undefined || typeof freeze === 'boolean') return;
  for (const period of listOf(freeze)) {
    const { from, until } = period;
    if (endOf(until) > beginOf(from)) continue;
    const message = `The freeze ends (${until}) before it begins (${from}).`;
    errors.push(problemIn(document, 'TRUEUP_PERIOD', period, 'until', message));
  }
}
