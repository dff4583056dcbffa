import { parsePhoneNumberFromString } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/min/metadata';

/**
 * Domains whose provider documents `name+tag@` as the mailbox `name@`. Elsewhere it may be somebody else's, and is left
 * as it is.
 */
const TAGGED = new Set([
  // https://support.google.com/mail/answer/22370
  'gmail.com',
  // https://learn.microsoft.com/en-us/exchange/recipients-in-exchange-online/plus-addressing-in-exchange-online
  'outlook.com',
  'hotmail.com',
  'live.com',
  // https://www.fastmail.help/hc/en-us/articles/360060591053
  'fastmail.com',
  // https://proton.me/support/addresses-and-aliases
  'proton.me',
  'protonmail.com',
]);
/** https://support.google.com/mail/answer/10313: the same mailbox under both. */
const SAME_DOMAIN: Readonly<Record<string, string>> = { 'googlemail.com': 'gmail.com' };
/** https://support.google.com/mail/answer/7436150: for gmail.com alone; at a company's own domain dots tell people apart. */
const DOTLESS = new Set(['gmail.com']);
/** Addresses that several people share: RFC 2142 and what recruiting adds to it. */
const SHARED = /^(info|contact|hello|jobs?|careers?|recruit(ing|ment)?|hr|office|admin|sales|support|team|no-?reply)$/;
const LEAST_DIGITS = 8;

export interface EmailKey {
  /** Trimmed, lower-case, composed (NFC): RFC 5321 would let `A@` and `a@` be two people, no mail provider does. */
  readonly exact: string;
  /** The mailbox behind it, without what its provider ignores. */
  readonly mailbox: string;
  /** Several people may read it. */
  readonly shared: boolean;
}

/** Null for what is no address. */
export function emailKey(value: string): EmailKey | null {
  const exact = value.trim().normalize('NFC').toLowerCase();
  const at = exact.lastIndexOf('@');
  if (at < 1 || at === exact.length - 1 || /\s/.test(exact)) return null;
  const written = exact.slice(at + 1);
  const domain = SAME_DOMAIN[written] ?? written;
  let local = exact.slice(0, at);
  if (TAGGED.has(domain)) local = local.split('+', 1)[0] || local;
  if (DOTLESS.has(domain)) local = local.replaceAll('.', '');
  return { exact, mailbox: `${local}@${domain}`, shared: SHARED.test(local.split('+', 1)[0] ?? '') };
}

export interface PhoneKey {
  /** With its country, as E.164; null when nobody wrote the country. */
  readonly international: string | null;
  /** Without country and trunk zeros: what two ways to write one number have in common. */
  readonly national: string;
}

/** Null for what is too short to tell people apart. Extensions do not count. */
export function phoneKey(value: string): PhoneKey | null {
  const text = value.trim().replace(/^00(?=[1-9])/, '+');
  const parsed = text.startsWith('+') ? parsePhoneNumberFromString(text, { extract: false }, metadata) : undefined;
  if (parsed !== undefined) {
    const national = String(parsed.nationalNumber);
    return national.length < LEAST_DIGITS ? null : { international: parsed.number, national };
  }
  const national = text
    .replace(/(?:ext|x|durchwahl)\.?\s*\d+$/i, '')
    .replace(/\D/g, '')
    .replace(/^0+/, '');
  return national.length < LEAST_DIGITS || national.length > 15 ? null : { international: null, national };
}

/** Without accents, case, order and punctuation: `Doe, Jane` is `Jane Doé`. Letters that are no Latin ones stay. */
export function nameKey(value: string): string {
  return words(value).sort().join(' ');
}

const LEGAL_FORMS = new Set([
  'inc',
  'llc',
  'ltd',
  'limited',
  'gmbh',
  'ag',
  'sa',
  'sl',
  'bv',
  'corp',
  'co',
  'plc',
  'the',
]);

export function companyKey(value: string): string {
  return words(value)
    .filter((word) => !LEGAL_FORMS.has(word))
    .join(' ');
}

function words(value: string): string[] {
  return value
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}
