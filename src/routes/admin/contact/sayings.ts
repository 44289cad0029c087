/** What the record says after something was done. */
import type { Sayings } from '../frame.js';

export const recordSayings: Sayings = {
  created: {
    tone: 'good',
    strong: 'Added.',
    sentence: 'What this address decided before, if anything, stands.',
  },
  edited: { tone: 'good', strong: 'Saved.' },
  changed: { tone: 'good', strong: 'Done.', sentence: 'The change is in the history, with your name.' },
  unchanged: { tone: 'good', strong: 'Nothing to change.', sentence: 'It was like that already.' },
  stopped: { tone: 'good', strong: 'Opted out.', sentence: 'Nothing of it is sent from now on.' },
  lifted: {
    tone: 'good',
    strong: 'Opt-out of all removed.',
    sentence: 'The single types count again, as shown below.',
  },
  liftedStaffs: {
    tone: 'warn',
    strong: 'The opt-out by staff was removed. They are still opted out of all.',
    sentence: 'Others opted them out too: see below by whom.',
  },
  corrected: {
    tone: 'good',
    strong: 'Put right.',
    sentence: 'The automated opt-out was removed. What was chosen before counts again.',
  },
  communicated: {
    tone: 'good',
    strong: 'Recorded.',
    sentence: 'You may reach them this once. Nothing else was changed.',
  },
  needless: {
    tone: 'good',
    strong: 'No legal basis is needed.',
    sentence: 'They did not opt out of all, so nothing was recorded.',
  },
  mailed: { tone: 'good', strong: 'The mail is queued.', sentence: 'It is sent within a minute or so.' },
  'mailed-before': {
    tone: 'warn',
    strong: 'The link was sent a moment ago.',
    sentence: 'It is not sent twice within a minute.',
  },
  revoked: {
    tone: 'good',
    strong: 'Links revoked.',
    sentence: 'Those sent so far can opt out, and nothing else.',
  },
};
