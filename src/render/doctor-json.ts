import type { DoctorReport } from '../model/doctor.ts';
import { jsonText } from './json.ts';

const keys = ['version', 'provider', 'at', 'checks', 'id', 'status', 'message', 'remedy', 'requests', 'seconds'];

/** `schemas/doctor.schema.json` */
export function doctorJson(report: DoctorReport): string {
  return jsonText(report, keys);
}
