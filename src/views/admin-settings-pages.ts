/** What each page of the settings is given. */
import type { AdminFrame, Option, CrumbLink } from './admin-frame.js';

/** One field of a form, with what it says under it and whether it is at fault. */
export interface FormField {
  kind: 'text' | 'email' | 'url' | 'area' | 'select' | 'tick' | 'colour' | 'file' | 'fixed';
  name: string;
  label: string;
  /** Text of the field; of a tick, whether it is `yes`. */
  value: string;
  isTicked: boolean;
  isRequired: boolean;
  isWrong: boolean;
  hint?: string;
  options: Option[];
  /** A picture beside it: the logo as it is, the accent on both papers. */
  picture?: { src: string; alt: string };
  /** BCP 47 tag of what is typed into it, where that is no English. */
  lang?: string;
}

/** Fields under one heading; `isFolded` ones open by a click, where they hold nothing wrong. */
export interface FormGroup {
  legend: string;
  hint?: string;
  isFolded: boolean;
  isOpen: boolean;
  fields: FormField[];
}

/** Something to do beside the form, with what it means. */
export interface SettingsAct {
  heading: string;
  sentence: string;
  action: string;
  button: string;
  look: 'plain' | 'stop';
}

/** `/settings/units/…`, `/settings/types/…`, `/settings/account`: one form. */
export interface SettingsFormPage extends AdminFrame {
  crumbs: CrumbLink[];
  heading: string;
  lead?: string;
  action: string;
  hidden: { name: string; value: string }[];
  groups: FormGroup[];
  button: string;
  /** For somebody who may look and not change: the same, and nothing to press. */
  isReadOnly: boolean;
  hasFile: boolean;
  acts: SettingsAct[];
}

/** `/settings` */
export interface SettingsPage extends AdminFrame {
  parts: { href: string; label: string; sentence: string }[];
}

export interface TypeRow {
  href: string;
  id: string;
  name: string;
  description: string;
  channel: string;
  /** "Internal", "On by default". */
  chips: string[];
  positionAction: string;
  isFirst: boolean;
  isLast: boolean;
  mayMove: boolean;
}

/** `/settings/types` */
export interface TypesPage extends AdminFrame {
  crumbs: CrumbLink[];
  /** Where business units are, without which there is no type. */
  unitsHref: string;
  units: {
    id: string;
    name: string;
    newHref?: string;
    types: TypeRow[];
    archived: { href: string; id: string; name: string; channel: string }[];
  }[];
}

/** `/settings/mail` */
export interface MailSettingsPage extends AdminFrame {
  crumbs: CrumbLink[];
  facts: { term: string; what: string }[];
  senders: { name: string; sender: string; signature: string; href: string }[];
  test?: { action: string; units: Option[]; to: string; isWrong: boolean };
}

/** Name of each template, with what it is given. */
export interface AdminSettingsPages {
  'admin-settings': SettingsPage;
  'admin-settings-form': SettingsFormPage;
  'admin-settings-types': TypesPage;
  'admin-settings-mail': MailSettingsPage;
}
