/** Cleans what people typed before it is kept and shown beside other texts: names of users, contacts, units and types; explanations. */

/**
 * Signs that are not seen: they turn the direction of what stands beside them, or tell two names apart that look the same (Unicode
 * Technical Report 36, section 2). Joiners and variation selectors stay: Persian, Indic scripts and emoji need them.
 */
const unseen = /(?![\u200c\u200d\ufe0e\ufe0f])[\p{Default_Ignorable_Code_Point}\p{Cs}\ufff9-\ufffb]/gu;

/** For names: on one line, without control and direction characters, with single spaces, in Unicode NFC. */
export function oneLine(text: string): string {
  return withoutUnseen(text)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}

/** For explanations: the same, but lines end where they were ended. */
export function severalLines(text: string): string {
  return withoutUnseen(text)
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(/[^\S\n]+|(?!\n)\p{Cc}/gu, ' ')
    .trim();
}

function withoutUnseen(text: string): string {
  return text.normalize('NFC').replace(unseen, '');
}
