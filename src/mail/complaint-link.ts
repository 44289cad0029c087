/** What a confirmation link is about, if it asks whether a report of spam still stands. */

/** @param seq number of the event that recorded the complaint, so that the link clears no later one */
export function complaintLinkId(seq: number): string {
  return `complaint-${seq}`;
}

/** @returns the number of the event; null for a link that confirms an opt-in */
export function complaintOf(pendingId: string | null): number | null {
  const seq = /^complaint-(\d{1,9})$/.exec(pendingId ?? '')?.[1];
  return seq === undefined ? null : Number(seq);
}
