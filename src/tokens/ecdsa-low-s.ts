/** ECDSA signatures have two valid forms, with s and with n - s. Tokens are minted with the lower one, and only that one is accepted. */

/** Order of P-256 (FIPS 186-5 refers to SP 800-186, section 3.2.1.3). */
const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
const half = order / 2n;
/** Bytes of each half of a signature, r and s (RFC 7518, section 3.4). */
const halfBytes = 32;

/** True for the lower form of an ES256 signature of 64 bytes. */
export function isLowS(signature: Buffer): boolean {
  return sOf(signature) <= half;
}

/** The same signature in its lower form. */
export function withLowS(signature: Buffer): Buffer {
  if (isLowS(signature)) return signature;
  const low = (order - sOf(signature)).toString(16).padStart(halfBytes * 2, '0');
  return Buffer.concat([signature.subarray(0, halfBytes), Buffer.from(low, 'hex')]);
}

function sOf(signature: Buffer): bigint {
  return BigInt(`0x${signature.subarray(halfBytes).toString('hex') || '0'}`);
}
