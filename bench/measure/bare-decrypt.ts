/** A thread that opens its share of boxes by bare `privateDecrypt`, again and again as it is told. */
import { constants, createPrivateKey, privateDecrypt } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';

export interface BareShare {
  readonly der: Uint8Array;
  readonly boxes: readonly string[];
}

const { der, boxes } = workerData as BareShare;
const key = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
const oaep = { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
const blocks = boxes.map((box) => Buffer.from(box, 'base64'));

parentPort?.on('message', () => {
  let opened = 0;
  for (const block of blocks) if (privateDecrypt(oaep, block).length > 0) opened += 1;
  parentPort?.postMessage(opened, []);
});
