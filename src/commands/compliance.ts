/** `trueup compliance`: how the fleet stands against its baselines. Creates no action and writes nothing. */
import { lookAtCompliance } from '../apply/compliance.ts';
import { briefOf } from '../errors.ts';
import type { Compliance } from '../model/compliance.ts';
import { complianceExitCode } from '../reconcile/exit-code.ts';
import { complianceHtml } from '../render/compliance-html.ts';
import { complianceJson } from '../render/compliance-json.ts';
import { complianceMarkdown } from '../render/compliance-markdown.ts';
import { complianceText } from '../render/compliance-text.ts';
import { type Format, type Io, viewOf } from './io.ts';
import { openSession, type SessionOptions } from './session.ts';
import { statusOf } from './status.ts';

export interface ComplianceOptions extends SessionOptions {
  readonly format: Format;
  /** `metadata.name` of one ComplianceBaseline; null: all. */
  readonly baseline: string | null;
  /** Computer Name, `NAME#COMPUTERID`, the name without its domain, or the Computer ID; null: all. */
  readonly device: string | null;
  /** Asks the devices themselves, whatever is stored or kept by Tanium. */
  readonly fresh: boolean;
  /** Names every device, and shows every check. */
  readonly devices: boolean;
}

/** Exits 0 where no check fails, 2 where some do, 4 for want of data. */
export async function compliance(options: ComplianceOptions, io: Io): Promise<number> {
  const session = await openSession(options, io, 'read');
  const status = statusOf(io);
  try {
    const { report } = await lookAtCompliance(session.context(status.tell), options);
    status.clear();
    io.out(rendered(report, options, io));
    const exitCode = complianceExitCode(report.outcome);
    session.logs.scan.info({ exitCode, score: report.score, ...report.counts, ...report.devices }, 'compliance');
    return exitCode;
  } catch (error) {
    session.logs.scan.error(briefOf(error), 'compliance');
    throw error;
  } finally {
    status.clear();
    await session.close();
  }
}

function rendered(report: Compliance, { format, devices }: ComplianceOptions, io: Io): string {
  if (format === 'json') return complianceJson(report);
  if (format === 'markdown') return complianceMarkdown(report);
  if (format === 'html') return complianceHtml(report);
  return complianceText(report, { ...viewOf(io), devices });
}
