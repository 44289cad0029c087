/** Composes the mails: words in the reader's language, links, footer and the unsubscribe headers. */
import type { BusinessUnit } from '../vocabulary/terms.js';
import type { Mail, MailKind } from '../models/mail.js';
import type { MailParts, Views, Words } from '../views/contract.js';
import type { ComposedMail, UnsubscribeHeaders } from './message.js';

/** The links of one mail, minted just before it is sent, so that the queue never stores one. */
export interface MailLinks {
  manageUrl: string;
  unsubscribeAllUrl: string;
  /** Only in a `CONFIRMATION` and a `COMPLAINT_CLEARING`. */
  confirmUrl?: string;
  headers: UnsubscribeHeaders;
}

export interface MailInput {
  mail: Mail;
  to: string;
  unit: BusinessUnit;
  /** Absolute, if the unit has a logo. */
  logoUrl?: string;
  words: Words;
  links: MailLinks;
  /** Names of the types that a `CONFIRMATION` asks about, in the reader's language. */
  typeNames: string[];
  at: Date;
}

/** Prefix of the keys of each mail's words. */
const wordsOf: Record<MailKind, string> = {
  PREFERENCES_LINK: 'mailPreferences',
  CONFIRMATION: 'mailConfirm',
  LOST_LINK: 'mailLost',
  FRESH_LINK: 'mailLost',
  COMPLAINT_CLEARING: 'mailClear',
};

/** Composes a mail as HTML and text. */
export function composeMail(views: Pick<Views, 'mail'>, input: MailInput): ComposedMail {
  const parts = partsOf(input);
  const { html, text } = views.mail(parts);
  return {
    id: input.mail._id,
    from: { name: input.unit.senderName, address: input.unit.senderAddress },
    to: input.to,
    subject: parts.subject,
    html,
    text,
    headers: input.links.headers,
    at: input.at,
  };
}

function partsOf({ mail, unit, logoUrl, words, links, typeNames }: MailInput): MailParts {
  const translated = unit.translations[words.locale];
  const unitName = translated?.name ?? unit.name;
  const values = { unit: unitName, names: words.list(typeNames) };
  const say = (part: string) => words.t(`${wordsOf[mail.kind]}${part}`, values);
  return {
    subject: say('Subject'),
    heading: say('Heading'),
    sentences: [say('Text')],
    button: { label: say('Button'), url: links.confirmUrl ?? links.manageUrl },
    small: [say('Small'), words.t('mailFooterWhy', values)],
    unit: {
      name: unitName,
      postalAddress: translated?.postalAddress ?? unit.postalAddress,
      accent: unit.accent.light,
      ...(logoUrl ? { logoUrl } : {}),
    },
    footerLinks: [
      { label: words.t('footerManage'), url: links.manageUrl },
      { label: words.t('footerUnsubscribeAll', values), url: links.unsubscribeAllUrl },
    ],
    locale: words.locale,
    direction: words.direction,
  };
}
