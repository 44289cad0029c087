/** The fields of a scheduled source, and their schema; and the words for its state. */
import { z } from 'zod';
import { line, urlText } from '../../../domain/catalogue/fields.js';
import { needsAttention } from '../../../domain/sources/runs.js';
import { keepsSecret, type SourceSettings } from '../../../domain/sources/sources.js';
import { credentialKinds, sourceFormats, sourceModes } from '../../../models/source.js';
import type { CredentialKind, Source, SourceFormat } from '../../../models/source.js';
import type { State } from '../../../views/admin-frame.js';
import type { GroupPlan, Texts } from '../kit/fields.js';

const formatWords: Readonly<Record<SourceFormat, string>> = {
  CSV: 'CSV',
  JSON: 'JSON, with an array of entries',
  NDJSON: 'NDJSON, one entry a line',
  LISTMONK: 'listmonk: blocklisted subscribers',
  MAUTIC: 'Mautic: do not contact',
};

const credentialWords: Readonly<Record<CredentialKind, string>> = {
  NONE: 'None',
  BASIC: 'User name and password',
  BEARER: 'Bearer token',
  HEADER: 'Header',
};

/** The fields of a new or an existing source. @param hasSecret a secret is stored */
export function sourceGroups(zone: string, hasSecret: boolean): GroupPlan[] {
  return [
    {
      legend: 'The list',
      fields: [
        { kind: 'text', name: 'name', label: 'Name', isRequired: true, most: 60 },
        {
          kind: 'url',
          name: 'url',
          label: 'URL',
          isRequired: true,
          hint: 'An https:// address. For listmonk and Mautic, the address of the installation.',
        },
        {
          kind: 'select',
          name: 'format',
          label: 'Format',
          options: sourceFormats.map((value) => ({ value, label: formatWords[value] })),
        },
        {
          kind: 'text',
          name: 'field',
          label: 'Column or field with the address',
          hint: 'For JSON, with dots between names, such as person.email. Leave it empty to find the column of a CSV file.',
        },
        {
          kind: 'text',
          name: 'path',
          label: 'Path to the array in JSON',
          hint: 'Such as data.results. Leave it empty if the whole answer is the array.',
        },
      ],
    },
    {
      legend: 'Access',
      fields: [
        {
          kind: 'select',
          name: 'credential',
          label: 'Credentials',
          options: credentialKinds.map((value) => ({ value, label: credentialWords[value] })),
        },
        { kind: 'text', name: 'user', label: 'User name', hint: 'For user name and password.' },
        { kind: 'text', name: 'header', label: 'Name of the header', hint: 'Such as X-Api-Key.' },
        {
          kind: 'password',
          name: 'secret',
          label: 'Password, token or value',
          autocomplete: 'off',
          hint: hasSecret
            ? 'One is stored. Leave this and the user name empty to keep both.'
            : 'It is stored encrypted, and never shown again.',
        },
      ],
    },
    {
      legend: 'When and how',
      fields: [
        {
          kind: 'select',
          name: 'every',
          label: 'How often',
          options: [
            { value: 'DAILY', label: 'Every day' },
            { value: 'HOURLY', label: 'Every hour' },
          ],
        },
        {
          kind: 'text',
          name: 'at',
          label: 'At',
          isRequired: true,
          most: 5,
          hint: `Such as 02:30, in the zone ${zone}. For every hour, its minutes count.`,
        },
        {
          kind: 'radios',
          name: 'mode',
          label: 'When an address leaves the list',
          options: [
            { value: 'APPEND', label: 'It stays opted out' },
            {
              value: 'MIRROR',
              label: 'It loses the opt-out that this source made',
              hint: 'Opt-outs that others made stay.',
            },
          ],
        },
      ],
    },
  ];
}

export const newSourceTexts: Texts = {
  ...{ format: 'CSV', credential: 'NONE', every: 'DAILY', at: '02:30', mode: 'APPEND' },
};

export function sourceTexts({ name, url, format, path, field, credential, schedule, mode }: Source): Texts {
  const { kind, header } = credential;
  return { ...{ name, url, format, path, field, mode, header }, credential: kind, ...schedule };
}

/** Header names (RFC 9110, section 5.1), without those that belong to the connection. */
const headerName =
  /^(?!(host|connection|content-length|transfer-encoding|te|upgrade)$)[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/i;

/** @param stored whose secret an empty field keeps; null for a new source */
export function sourceSchema(stored: Source | null) {
  const plain = z.string().trim().max(200, 'is longer than 200 characters');
  return z
    .object({
      name: line(60),
      url: urlText,
      format: z.enum(sourceFormats),
      path: plain,
      field: plain,
      credential: z.enum(credentialKinds),
      user: plain.refine((text) => !text.includes(':'), 'has a colon'),
      header: z.string().trim(),
      secret: z.string().regex(/^[\x20-\x7e]*$/, 'has a character that a header cannot have'),
      every: z.enum(['HOURLY', 'DAILY']),
      at: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is not a time such as 02:30'),
      mode: z.enum(sourceModes),
    })
    .transform(({ credential: kind, user, header, secret: typed, every, at, ...rest }, context) => {
      const fault = (name: string, message: string) =>
        context.addIssue({ code: 'custom', path: [name], message });
      const given = kind === 'BASIC' ? (user || typed ? `${user}:${typed}` : '') : typed;
      const secret = kind === 'NONE' || given === '' ? null : given;
      const settings: SourceSettings = {
        ...rest,
        ...{ schedule: { every, at }, credential: { kind, header: kind === 'HEADER' ? header : '', secret } },
      };
      if (kind === 'HEADER' && !headerName.test(header)) fault('header', 'is not the name of a header');
      const isKept = stored?.credential.secret != null && keepsSecret(stored, settings);
      if (kind !== 'NONE' && secret === null && !isKept)
        fault('secret', 'is empty: it is needed again after a change of the kind or the host');
      return settings;
    });
}

/** Whether the source works. */
export function sourceState(source: Pick<Source, 'run' | 'failures' | 'lastRun'>): State {
  if (source.run !== null) return { tone: 'wait', words: 'Under way' };
  if (needsAttention(source)) return { tone: 'out', words: 'Needs attention' };
  if (source.lastRun?.outcome === 'FAILED') return { tone: 'wait', words: 'The last run failed' };
  return source.lastRun ? { tone: 'in', words: 'Works' } : { tone: 'none', words: 'No run yet' };
}
