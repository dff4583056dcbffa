import { describe, expect, it } from '@jest/globals';
import { aCandidate } from '../testing-support/records.js';
import { parseFieldValues } from './parse-field-values.js';

const custom = (type: string, value: unknown = null) => ({ name: 'Field', type, value: value as never });
const record = aCandidate('c1', {
  emails: [
    { value: 'odd@localhost', type: 'work' },
    { value: 'a@b.example', type: 'personal' },
  ],
  customFields: {
    day: custom('date'),
    flag: custom('yes_no'),
    many: custom('multi_select'),
    level: custom('number'),
    page: custom('url'),
    pay: custom('currency', { amount: '10.0', unit: 'EUR' }),
    empty: custom('currency'),
  },
});

describe('the value of an edited field', () => {
  it.each([
    ['headline', '  Smith ', 'Smith'],
    ['headline', '', null],
    ['headline', null, null],
    ['tags', ['a', ' a', 'b'], ['a', 'b']],
    ['links', [], []],
    ['phones', [{ value: '1', type: 'home' }, { value: '1' }], [{ value: '1', type: 'home' }]],
    // What the ATS has already stays, with its type, however odd it is.
    [
      'emails',
      [{ value: 'odd@localhost' }, { value: 'a@b.example', type: 'work' }, { value: 'new@b.example' }],
      [
        { value: 'odd@localhost', type: 'work' },
        { value: 'a@b.example', type: 'work' },
        { value: 'new@b.example', type: null },
      ],
    ],
    ['customFields.day', '2026-03-01', '2026-03-01'],
    ['customFields.flag', false, false],
    ['customFields.many', ['a'], ['a']],
    ['customFields.level', null, null],
    ['customFields.pay', { amount: 12, unit: 'EUR' }, { amount: 12, unit: 'EUR' }],
    ['customFields.empty', 12, 12],
    ['customFields.unheard-of', 'x', 'x'],
  ])('%s takes %j', (field, given, kept) => {
    expect(parseFieldValues(record, { [field]: given })).toEqual({ [field]: kept });
  });

  it.each([
    ['name', ''],
    ['headline', 'x'.repeat(1001)],
    ['headline', ['x']],
    ['headline', '\ud800'],
    ['emails', [{ value: 'new@localhost' }]],
    ['emails', null],
    ['emails', [{ value: 'a@b.example', primary: true }]],
    ['phones', ['1']],
    ['tags', ['']],
    ['links', Array.from({ length: 101 }, (_, at) => `https://a.example/${at}`)],
    ['customFields.day', '1 March'],
    ['customFields.flag', 'yes'],
    ['customFields.many', 'a'],
    ['customFields.level', '3'],
    ['customFields.page', 'not an address'],
    ['customFields.pay', '12 EUR'],
    ['customFields.empty', { 'a\0': 1 }],
    ['customFields.unheard-of', 'x'.repeat(20_001)],
    ['customFields.unheard-of', undefined],
    ['__proto__', 'x'],
  ])('%s refuses %j, and says which field it was but not its value', (field, given) => {
    const changes = Object.fromEntries([
      [field, given],
      ['company', 'Acme'],
    ]);
    expect(() => parseFieldValues(record, changes)).toThrow(
      expect.objectContaining({ code: 'invalid-request', message: expect.stringContaining(`"${field}":`) }),
    );
  });
});
