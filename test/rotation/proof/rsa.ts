/**
 * RSA keys that a text decides: what an action is called, and so the order in which actions go out, depends on the key in
 * it, and a schedule has to go the same way each time. They guard nothing.
 */
import { checkPrimeSync, createHash, createPrivateKey, type KeyObject } from 'node:crypto';

const exponent = 65_537n;

/** Of 2048 bits. */
export function keyOfText(text: string): KeyObject {
  for (let attempt = 0; ; attempt += 1) {
    const [p, q] = [primeOf(`${text} p ${attempt}`), primeOf(`${text} q ${attempt}`)];
    const phi = (p - 1n) * (q - 1n);
    if (p === q || phi % exponent === 0n) continue;
    const d = inverse(exponent, phi);
    const numbers = { n: p * q, e: exponent, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
    const parts = Object.entries(numbers).map(([name, value]) => [name, base64url(value)]);
    return createPrivateKey({ key: { kty: 'RSA', ...Object.fromEntries(parts) }, format: 'jwk' });
  }
}

/** What most numbers can be divided by, so that few have to be tried in earnest. */
const small = oddPrimesBelow(2000);
const bits = 1024n;

function oddPrimesBelow(limit: number): readonly bigint[] {
  const found: number[] = [];
  for (let number = 3; number < limit; number += 2) {
    if (found.every((prime) => number % prime !== 0)) found.push(number);
  }
  return found.map(BigInt);
}

/** The first from there on. Both of its highest bits are set, so that a product of two has all of its bits. */
function primeOf(text: string): bigint {
  const drawn = Array.from({ length: 4 }, (_, index) => createHash('sha256').update(`${text} ${index}`).digest('hex'));
  let number = BigInt(`0x${drawn.join('')}`) | (3n << (bits - 2n)) | 1n;
  while (small.some((one) => number % one === 0n) || !checkPrimeSync(number, { checks: 20 })) number += 2n;
  return number;
}

function inverse(number: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [number % modulus, modulus, 1n, 0n];
  while (a > 1n) {
    const quotient = a / b;
    [a, b] = [b, a % b];
    [x, y] = [y, x - quotient * y];
  }
  return x < 0n ? x + modulus : x;
}

function base64url(number: bigint): string {
  const hex = number.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url');
}
