/** Cleans typed text before it is stored and shown beside other text: names of users, contacts, units and types; explanations. */

/**
 * Invisible characters that change the direction of neighbouring text, or make two names look the same (Unicode Technical Report 36, section 2).
 * Joiners and variation selectors stay: Persian, Indic scripts and emoji need them.
 */
const unseen = /(?![\u200c\u200d\ufe0e\ufe0f])[\p{Default_Ignorable_Code_Point}\p{Cs}\ufff9-\ufffb]/gu;

/** For names: on one line, without control and direction characters, with single spaces, in Unicode NFC. */
export function oneLine(text: string): string {
  return withoutUnseen(text)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}

/** For explanations: the same, but line breaks stay. */
export function severalLines(text: string): string {
  return withoutUnseen(text)
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(/[^\S\n]+|(?!\n)\p{Cc}/gu, ' ')
    .trim();
}

function withoutUnseen(text: string): string {
  return text.normalize('NFC').replace(unseen, '');
}
