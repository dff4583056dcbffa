import { describe, expect, it } from '@jest/globals';
import type { FieldChanges, JsonValue } from '../../contract.js';
import { createProviderContext } from '../../testing/index.js';
import { fieldChanges } from './field-change.js';
import { greenhouse } from './index.js';

const field = (type: string, value: unknown) => ({ name: type, type, value });
const person = (fields: object = {}) => ({
  id: 770001,
  first_name: 'Ines',
  last_name: 'Moreau',
  private: false,
  email_addresses: [{ value: 'ines@example.test', type: 'personal' }],
  addresses: [
    { value: 'Lyon', type: 'work' },
    { value: 'Nice', type: 'school' },
  ],
  website_addresses: [{ value: 'https://linkedin.com/in/ines', type: 'blog' }],
  social_media_addresses: [{ value: 'https://social.example/ines' }],
  custom_fields: {},
  ...fields,
});
const contextOver = (rows: readonly unknown[]) =>
  createProviderContext({
    provider: greenhouse,
    config: { clientId: 'c-1', clientSecret: 's' },
    respond: () => ({ body: rows }),
  });
const write = async (changes: FieldChanges, fields: object = {}): Promise<unknown> => {
  const context = contextOver([person(fields)]);
  const current = await fieldChanges.read(context, '770001');
  if (current === null) throw new Error('The candidate is not there.');
  await fieldChanges.write(context, '770001', current, changes);
  expect(context.sent.map(({ method }) => method)).toEqual(['GET', 'PATCH']);
  return context.sent[1]?.json;
};
const custom = async (key: string, value: JsonValue, fields: object): Promise<unknown> =>
  ((await write({ [`customFields.${key}`]: value }, { custom_fields: fields })) as { custom_fields: unknown })
    .custom_fields;

describe('reading a candidate', () => {
  it('finds nobody behind a private stub, and nobody who is gone', async () => {
    expect(await fieldChanges.read(contextOver([{ message: 'Private candidate' }]), '770001')).toBeNull();
    expect(await fieldChanges.read(contextOver([]), '770001')).toBeNull();
  });
});

describe('changing a candidate', () => {
  it('sends what is changed and nothing else', async () => {
    expect(await write({ headline: ' Lead ', company: '' })).toEqual({ title: 'Lead', company: null });
  });

  it('gives every address a type that Greenhouse takes, the present one where there is one', async () => {
    const emails = [
      { value: 'ines@example.test', type: null },
      { value: 'new@example.test', type: 'school' },
      { value: 'new@example.test', type: 'work' },
    ];
    expect(await write({ emails })).toEqual({
      email_addresses: [
        { value: 'ines@example.test', type: 'personal' },
        { value: 'new@example.test', type: 'other' },
      ],
    });
  });

  it('changes the first address and keeps the others', async () => {
    expect(await write({ location: 'Paris' })).toEqual({
      addresses: [
        { value: 'Paris', type: 'work' },
        { value: 'Nice', type: 'other' },
      ],
    });
    expect(await write({ location: 'Paris' }, { addresses: [] })).toEqual({
      addresses: [{ value: 'Paris', type: 'home' }],
    });
    expect(await write({ location: null }, { addresses: [{ value: 'Lyon', type: 'work' }] })).toEqual({
      addresses: [],
    });
    await expect(write({ location: null })).rejects.toThrow('several addresses');
  });

  it('leaves links in the list in which they are and puts new ones where they belong', async () => {
    const links = [
      'https://linkedin.com/in/ines',
      'https://www.linkedin.com/in/ines',
      'https://ines.example',
      'no address',
    ];
    expect(await write({ links })).toEqual({
      website_addresses: [
        { value: 'https://linkedin.com/in/ines', type: 'blog' },
        { value: 'https://ines.example', type: 'other' },
        { value: 'no address', type: 'other' },
      ],
      social_media_addresses: [{ value: 'https://www.linkedin.com/in/ines' }],
    });
  });

  it('writes as is_private what it reads as private', async () => {
    expect(await write({ 'customFields.candidate.private': true })).toEqual({ is_private: true });
    expect(await write({ 'customFields.candidate.private': null }, { private: true })).toEqual({ is_private: false });
  });

  it.each<[FieldChanges]>([
    [{ name: 'Ines Petit' }],
    [{ headline: 'Lead', url: 'https://elsewhere.example' }],
    [{ firstName: ' ' }],
    [{ lastName: null }],
    [{ emails: 'ines@example.test' }],
    [{ tags: [7] }],
    [{ constructor: 'x' }],
    [{ 'customFields.candidate.other': 'x' }],
  ])('refuses %j as a whole, before anything is sent, and does not quote it', async (changes) => {
    const context = contextOver([person()]);
    const current = await fieldChanges.read(context, '770001');
    if (current === null) throw new Error('The candidate is not there.');
    const work = fieldChanges.write(context, '770001', current, changes);
    await expect(work).rejects.toMatchObject({ code: 'invalid-request' });
    await expect(work).rejects.not.toThrow(/ines@example|Petit|elsewhere/);
    expect(context.sent).toHaveLength(1);
  });
});

describe('changing a custom field', () => {
  it('writes every other one with it, in the form that is written', async () => {
    const fields = {
      salary: field('currency', { amount: '50000.0', unit: 'EUR' }),
      band: field('currency_range', { min_value: '1', max_value: '2.5', unit: 'EUR' }),
      days: field('number_range', { min_value: 0, max_value: '9' }),
      lead: field('user', { user_id: 4010042, name: 'Rae Kim' }),
      years: field('number', '7'),
      remote: field('boolean', false),
      languages: field('multi_select', []),
      note: field('long_text', null),
    };
    expect(await custom('note', 'New', fields)).toEqual([
      { name_key: 'salary', value: { amount: 50000, currency_code: 'EUR' } },
      { name_key: 'band', value: { min_amount: 1, max_amount: 2.5, currency_code: 'EUR' } },
      { name_key: 'days', value: { min_value: 0, max_value: 9 } },
      { name_key: 'lead', value: 4010042 },
      { name_key: 'years', value: 7 },
      { name_key: 'remote', value: false },
      { name_key: 'note', value: 'New' },
    ]);
  });

  it('is not done when another one would be lost by it', async () => {
    const file = { file: field('attachment', { url: 'https://files.example/x' }) };
    await expect(custom('note', 'New', file)).rejects.toThrow(/attachment.*would be lost/);
    expect(await custom('file', null, file)).toEqual([{ name_key: 'file', value: null }]);
  });

  it.each<[string, JsonValue, JsonValue]>([
    ['number', '8.5', 8.5],
    ['date', '2027-01-31', '2027-01-31'],
    ['boolean', true, true],
    ['multi_select', ['a', 'b'], ['a', 'b']],
    ['currency', { amount: '1', currency_code: 'EUR' }, { amount: 1, currency_code: 'EUR' }],
    ['of_the_future', 'x', 'x'],
  ])('of type %s takes %j', async (type, value, written) => {
    expect(await custom('key', value, { key: field(type, null) })).toEqual([{ name_key: 'key', value: written }]);
  });

  it.each<[string, JsonValue]>([
    ['number', 'many'],
    ['number', true],
    ['date', '31.1.2027'],
    ['boolean', 'yes'],
    ['multi_select', 'a'],
    ['multi_select', ['a', 1]],
    ['currency', { amount: 'a lot', unit: 'EUR' }],
    ['currency', 5],
    ['currency_range', { min_value: 1, max_value: 2 }],
    ['short_text', 7],
  ])('of type %s does not take %j', async (type, value) => {
    await expect(custom('key', value, { key: field(type, null) })).rejects.toThrow(`of type ${type}`);
  });
});
