import { describe, expect, it } from '@jest/globals';
import { blockingKeys, comparable } from './compared-person.js';
import type { PersonFacts } from './compared-person.js';
import { comparePeople } from './compare-people.js';
import { emailKey, nameKey, phoneKey } from './contact-keys.js';

const person = (facts: Partial<PersonFacts>) =>
  comparable({ names: [], emails: [], phones: [], companies: [], ...facts });
const zoe = { names: ['Zoë Ortega'], emails: ['zoe@example.com'] };

describe('two people are compared', () => {
  it.each<[string, Partial<PersonFacts>, Partial<PersonFacts>, number, string | null, string[]]>([
    ['the same address and name', zoe, zoe, 80, 'high', ['same-email', 'same-name']],
    [
      'an address in other letters and with spaces around it',
      zoe,
      { names: ['Ortega, Zoe'], emails: [' ZOE@Example.COM '] },
      80,
      'high',
      ['same-email', 'same-name'],
    ],
    ['the same address, one without a name', zoe, { emails: ['zoe@example.com'] }, 60, 'medium', ['same-email']],
    [
      'the same address and not a word of the names: a couple',
      zoe,
      { names: ['Max Frei'], emails: ['zoe@example.com'] },
      35,
      'low',
      ['same-email', 'other-name'],
    ],
    [
      'a tag at a provider that documents it',
      { names: ['Zoë Ortega'], emails: ['z.oe+jobs@gmail.com'] },
      { names: ['Zoë Ortega'], emails: ['zoe@googlemail.com'] },
      65,
      'medium',
      ['same-mailbox', 'same-name'],
    ],
    [
      'a tag at a company, where it may be somebody else',
      { emails: ['zoe+jobs@corp.example'] },
      { emails: ['zoe@corp.example'] },
      0,
      null,
      [],
    ],
    ['dots at a company', { emails: ['z.oe@corp.example'] }, { emails: ['zoe@corp.example'] }, 0, null, []],
    [
      'an address that several people read',
      { names: ['Zoë Ortega'], emails: ['jobs@corp.example'] },
      { names: ['Max Frei'], emails: ['jobs@corp.example'] },
      0,
      null,
      ['shared-email', 'other-name'],
    ],
    [
      'the same number, written in two ways, and the name',
      { names: ['Zoë Ortega'], phones: ['+49 (0)30 901820-0'] },
      { names: ['Zoe Ortega'], phones: ['0049 30 9018200'] },
      60,
      'medium',
      ['same-phone', 'same-name'],
    ],
    [
      'a number without its country',
      { names: ['Zoë Ortega'], phones: ['030 901820 0'] },
      { names: ['Zoë Ortega'], phones: ['+49309018200'] },
      50,
      'medium',
      ['similar-phone', 'same-name'],
    ],
    [
      'the same digits in two countries',
      { names: ['Zoë Ortega'], phones: ['+49 30 9018200'] },
      { names: ['Zoë Ortega'], phones: ['+43 30 9018200'] },
      20,
      null,
      ['same-name'],
    ],
    [
      'a number alone, with other names: the front desk',
      { names: ['Zoë Ortega'], phones: ['+49309018200'] },
      { names: ['Max Frei'], phones: ['+49309018200'] },
      15,
      null,
      ['same-phone', 'other-name'],
    ],
    [
      'name and employer, whatever its legal form',
      { names: ['Zoë Ortega'], companies: ['Initech GmbH'] },
      { names: ['ortega zoe'], companies: ['The Initech'] },
      35,
      'low',
      ['same-name', 'same-employer'],
    ],
    ['a name alone: there are many', { names: ['Anna Müller'] }, { names: ['Anna Muller'] }, 20, null, ['same-name']],
    [
      'everything at once',
      { ...zoe, phones: ['+34600000001'], companies: ['Initech'] },
      { ...zoe, phones: ['+34 600 000 001'], companies: ['Initech'] },
      100,
      'high',
      ['same-email', 'same-phone', 'same-name', 'same-employer'],
    ],
    [
      'names in a script without cases',
      { names: ['山田 太郎'], companies: ['株式会社'] },
      { names: ['太郎 山田'], companies: ['株式会社'] },
      35,
      'low',
      ['same-name', 'same-employer'],
    ],
  ])('%s', (_, left, right, score, confidence, kinds) => {
    const both = [comparePeople(person(left), person(right)), comparePeople(person(right), person(left))];
    for (const { evidence, ...found } of both) {
      expect(found).toMatchObject({ score, confidence });
      expect(evidence.map(({ kind }) => kind)).toEqual(kinds);
      expect(evidence.every(({ sentence }) => sentence.endsWith('.'))).toBe(true);
    }
  });

  it('says nothing of the values themselves, in no sentence and no mark', () => {
    const told = JSON.stringify(comparePeople(person(zoe), person(zoe)));
    expect(told).not.toMatch(/zoe|ortega|example/i);
  });

  it('whoever is worth suggesting shares a key, so that nobody else has to be looked at', () => {
    const pairs = [
      [{ emails: ['z.oe+a@gmail.com'] }, { emails: ['zoe@gmail.com'] }],
      [{ phones: ['030 9018200'] }, { phones: ['+49309018200'] }],
      [
        { names: ['Doe, Jane'], companies: ['Acme Inc.'] },
        { names: ['Jane Doe'], companies: ['acme'] },
      ],
    ] as const;
    for (const [left, right] of pairs) {
      const keys = new Set(blockingKeys(person(left)));
      expect(blockingKeys(person(right)).some((key) => keys.has(key))).toBe(true);
    }
    expect(blockingKeys(person({ emails: ['info@corp.example'], names: ['Anna Müller'] }))).toEqual([]);
  });
});

describe('keys of contacts', () => {
  it.each(['', 'nobody', '@x.example', 'a@', 'a b@x.example'])('%p is no address', (value) => {
    expect(emailKey(value)).toBeNull();
  });
  it('an address that begins with its tag keeps it', () => {
    expect(emailKey('+tag@gmail.com')?.mailbox).toBe('+tag@gmail.com');
  });
  it.each(['', 'on request', '12345', '+1', '0000000000'])('%p is no number to tell people apart by', (value) => {
    expect(phoneKey(value)).toBeNull();
  });
  it('an extension is not part of the number', () => {
    expect(phoneKey('030 9018200 ext. 12')).toEqual(phoneKey('030 9018200'));
  });
  it('a name is its words', () => {
    expect(nameKey(' Doe,  JANE-Ann ')).toBe(nameKey('Jane Ann Doe'));
  });
});
