/** ECDSA signatures have two valid forms, with s and with n - s. Tokens are minted with the lower one, and only that one is accepted. */

/** Order of P-256 (FIPS 186-5 refers to SP 800-186, section 3.2.1.3). */
const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
/** Half of it as 32 bytes, which compare as the numbers do. */
const half = Buffer.from((order / 2n).toString(16).padStart(64, '0'), 'hex');
/** Bytes of each half of a signature, r and s (RFC 7518, section 3.4). */
const halfBytes = 32;

/** True for the lower form of an ES256 signature of 64 bytes. */
export function isLowS(signature: Buffer): boolean {
  return signature.compare(half, 0, halfBytes, halfBytes) <= 0;
}

/** The same signature in its lower form. */
export function withLowS(signature: Buffer): Buffer {
  if (isLowS(signature)) return signature;
  const high = BigInt(`0x${signature.toString('hex', halfBytes)}`);
  const low = (order - high).toString(16).padStart(halfBytes * 2, '0');
  return Buffer.concat([signature.subarray(0, halfBytes), Buffer.from(low, 'hex')]);
}
