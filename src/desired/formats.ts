/** The formats of the schemas: what a text must be beyond being a text, and how to say that it is not. */

import { fullFormats } from 'ajv-formats/dist/formats.js';
import { hasTanium, versionsWithTanium } from '../model/npsd-version.ts';
import { accountNameComplaint, principalNameComplaint } from './account-names.ts';
import { didYouMean } from './near.ts';
import { patternComplaint } from './pattern.ts';
import { posturePathComplaint } from './posture-paths.ts';
import type { ProblemCode } from './problem.ts';
import { groupSidComplaint, memberSidComplaint } from './sids.ts';
import { apiBaseUrlComplaint, proxyUrlComplaint } from './urls.ts';

export interface Complaint {
  readonly code: ProblemCode;
  /** Goes on after the value: `is no …`. */
  readonly text: string;
  /** Follows the sentence: ` Did you mean …?` */
  readonly hint?: string;
  /** The value may be a secret that somebody put in the wrong place. */
  readonly hidden?: true;
}

type Format = (text: string) => Complaint | null;

export const formats: Readonly<Record<string, Format>> = {
  'account-name': accountNameComplaint,
  'api-base-url': apiBaseUrlComplaint,
  'clock-time': (text) =>
    /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(text) ? null : value('is no time of the day from 00:00 to 23:59'),
  'collection-name': (text) =>
    /^(?!system\.)[^$\0\s]{1,120}$/.test(text) ? null : value('is no name of a MongoDB collection'),
  'date-time': (text) =>
    isTime(text) ? null : value('is no point in time with its zone, such as 2026-03-31T18:00:00Z'),
  disabled: (text) => (text === 'Disabled' ? null : value('is neither a number nor Disabled')),
  'document-name': (text) => (text === text.trim() ? null : value('begins or ends with a blank')),
  'field-path': (text) =>
    /^[\w-]+(?:\.[\w-]+)*$/.test(text) ? null : value('is no dotted path, such as config.integration.options'),
  'local-group-sid': groupSidComplaint,
  moment: (text) =>
    isDay(text) || isTime(text)
      ? null
      : value('is neither a day, such as 2026-03-31, nor a point in time with its zone, such as 2026-03-31T18:00:00Z'),
  'name-pattern': (text) => {
    const complaint = patternComplaint(text);
    return complaint === null ? null : { code: 'TRUEUP_PATTERN', text: complaint };
  },
  'npsd-version': (text) =>
    hasTanium(text)
      ? null
      : {
          code: 'TRUEUP_NPSD_VERSION',
          text: `has no Tanium integration; ${versionsWithTanium} have`,
        },
  'offline-access': (text) =>
    text === 'Unmanaged'
      ? null
      : {
          code: 'TRUEUP_OFFLINE_ACCESS',
          text: 'is not possible: Offline Access Management is not supported with Tanium, so only Unmanaged is',
        },
  'one-line': (text) => (/[\r\n]/.test(text) ? value('has more than one line') : null),
  percent: (text) =>
    /^\d{1,3}(?:\.\d+)?%$/.test(text) && Number.parseFloat(text) <= 100 ? null : value('is no share from 0% to 100%'),
  'posture-path': posturePathComplaint,
  'principal-name': principalNameComplaint,
  'protect-mode': (text) => {
    if (['Disabled', 'JITA', 'Deny'].includes(text)) return null;
    const which = text.toLowerCase() === 'enabled' ? ' Enabled is two things in NPS-D: say JITA or Deny.' : '';
    return {
      ...value('is not one of Disabled, JITA and Deny'),
      hint: which || didYouMean(text, ['Disabled', 'JITA', 'Deny']),
    };
  },
  'proxy-url': proxyUrlComplaint,
  sid: memberSidComplaint,
  'time-span': (text) =>
    /^[1-9]\d{0,8}[smhdw]$/.test(text) ? null : value('is no span of time: a whole number and s, m, h, d or w'),
  'time-zone': (text) => {
    if (isTimeZone(text)) return null;
    return { ...value('is no IANA time zone'), hint: didYouMean(text, Intl.supportedValuesOf('timeZone')) };
  },
  'variable-name': (text) =>
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(text)
      ? null
      : { ...value('is no name of an environment variable: letters, digits and _'), hidden: true },
  'wave-size': (text) =>
    text === 'rest' || (/^\d{1,3}(?:\.\d+)?%$/.test(text) && Number.parseFloat(text) <= 100)
      ? null
      : value('is neither a number, nor a share such as 10%, nor rest'),
};

export function complaintOf(format: string, text: string): Complaint | null {
  return formats[format]?.(text) ?? null;
}

function value(text: string): { code: ProblemCode; text: string } {
  return { code: 'TRUEUP_VALUE', text };
}

function isDay(text: string): boolean {
  return runs('date', text);
}

/** The pattern takes a leap second, which no clock here can hold. */
function isTime(text: string): boolean {
  return runs('date-time', text) && !Number.isNaN(Date.parse(text));
}

/** By ajv-formats, which knows the days of each month. */
function runs(name: 'date' | 'date-time', text: string): boolean {
  const format = fullFormats[name];
  if (typeof format !== 'object' || !('validate' in format) || typeof format.validate !== 'function') return false;
  const validate = format.validate as (text: string) => unknown;
  return validate(text) === true;
}

function isTimeZone(text: string): boolean {
  try {
    // The constructor throws a RangeError for a zone that it does not know.
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
