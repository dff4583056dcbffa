import { z } from 'zod';
import type { JsonValue } from '../../contract.js';

/** What Lever really sends: every key that we do not use is left out, every one that we use may be null or absent unless nothing makes sense without it. */

const id = z.string().min(1);

const text = z
  .string()
  .nullish()
  .transform((value) => (value == null || value.trim() === '' ? null : value));

const plainText = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

/** Milliseconds since 1970; some examples in the documents show them as text. */
const requiredMoment = z
  .union([z.number(), z.string().regex(/^-?\d+$/, 'expected milliseconds since 1970')])
  .transform((value) => new Date(Number(value)))
  .refine((date) => !Number.isNaN(date.getTime()), 'expected milliseconds since 1970');

const moment = requiredMoment.nullish().transform((date) => date ?? null);

const listOf = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

/** An id, or the object itself where a server expands it. */
const reference = z.union([id, z.object({ id }).transform((object) => object.id)]);
const optionalReference = reference.nullish().transform((value) => value ?? null);

/** A list of which an item that reads oddly is left out: it is a bonus that must not cost its row. */
const tolerantListOf = <Item extends z.ZodType>(item: Item) =>
  z
    .array(z.unknown())
    .catch([])
    .transform((items): readonly z.output<Item>[] =>
      items.flatMap((value) => {
        const parsed = item.safeParse(value);
        return parsed.success ? [parsed.data] : [];
      }),
    );

const json = z.unknown().transform((value) => (value ?? null) as JsonValue);

const phone = z.union([
  z.string().transform((value) => ({ value, type: null })),
  z.object({ value: text, type: text }).transform(({ value, type }) => ({ value: value ?? '', type })),
]);

export const userSchema = z.object({
  id,
  name: text,
  email: text,
  deactivatedAt: moment,
});

/** `position` is ours: the row's place in the list. */
export const stageSchema = z.object({ id, text, position: z.number() });

export const archiveReasonSchema = z.object({ id, text, type: text, status: text });

export const postingSchema = z.object({
  id,
  text,
  state: z.string(),
  confidentiality: text,
  categories: z
    .looseObject({ team: text, department: text, location: text, commitment: text, level: text })
    .nullish()
    .transform((categories) => categories ?? null),
  content: z
    .looseObject({
      descriptionHtml: text,
      closingHtml: text,
      lists: listOf(z.object({ text, content: text })),
    })
    .nullish()
    .transform((content) => content ?? null),
  urls: z
    .looseObject({ show: text })
    .nullish()
    .transform((urls) => urls ?? null),
  requisitionCodes: listOf(z.string()),
  workplaceType: text,
  updatedAt: moment,
});

const applicationSchema = z.union([
  // A server that does not expand sends the id alone: the posting stays unknown then.
  id.transform(() => ({ posting: null, createdAt: null, answers: [] })),
  z
    .looseObject({
      posting: optionalReference,
      createdAt: moment,
      // Answers are a bonus: a form that reads oddly must not cost the whole application.
      customQuestions: listOf(z.object({ fields: listOf(z.object({ id, text, type: text, value: json })) })).catch([]),
    })
    .transform(({ posting, createdAt, customQuestions }) => ({
      posting,
      createdAt,
      answers: customQuestions.flatMap((form) => form.fields),
    })),
]);

export const opportunitySchema = z.object({
  id,
  contact: reference,
  name: text,
  headline: text,
  // Text on an opportunity, an object on a contact.
  location: z.union([text, z.object({ name: text }).transform((place) => place.name)]),
  emails: listOf(z.string()),
  phones: listOf(phone),
  links: listOf(z.string()),
  tags: listOf(z.string()),
  sources: listOf(z.string()),
  origin: text,
  owner: optionalReference,
  isAnonymized: z.boolean().nullish(),
  // Built-in stages have word-shaped ids (`lead-new`), so nothing here expects a UUID.
  stage: z
    .union([
      id.transform((value) => ({ id: value, name: null })),
      z.object({ id, text }).transform((stage) => ({ id: stage.id, name: stage.text })),
    ])
    .nullish()
    .transform((stage) => stage ?? null),
  archived: z
    .looseObject({ reason: optionalReference, archivedAt: moment })
    .nullish()
    .transform((archived) => archived ?? null),
  applications: listOf(applicationSchema),
  opportunityLocation: text,
  stageChanges: tolerantListOf(z.object({ toStageId: id, updatedAt: requiredMoment, userId: optionalReference })),
  createdAt: moment,
  updatedAt: moment,
  lastAdvancedAt: moment,
});

/** What a move needs to know of an opportunity: an odd name or number must not stand in its way. */
export const opportunityStateSchema = opportunitySchema.pick({
  id: true,
  stage: true,
  archived: true,
  applications: true,
  createdAt: true,
  updatedAt: true,
  lastAdvancedAt: true,
});

/** Lever Data API docs, Contacts. What is written back is sent as it was read, so nothing is trimmed here. */
export const contactSchema = z.object({
  id,
  name: plainText,
  headline: plainText,
  location: z.union([plainText, z.object({ name: plainText }).transform((place) => place.name)]),
  emails: listOf(z.string()),
  phones: listOf(phone),
  isAnonymized: z.boolean().nullish(),
});

/** A row of a list of what was deleted: whose id it is counts, the rest is a bonus. */
export const deletedSchema = z.object({
  id,
  deletedAt: moment.catch(null),
  contact: optionalReference.catch(null),
  isAnonymized: z.boolean().nullish().catch(null),
});

const webhookSchema = z.object({
  id,
  event: text,
  url: text,
  configuration: z.looseObject({ signatureToken: text }).nullish().catch(null),
});

/** Lever Data API docs, Webhooks. Examples wrap what was created twice, and Lever has been seen to wrap it once. */
export const createdWebhookSchema = z.object({
  data: z.union([z.object({ data: webhookSchema }).transform((inner) => inner.data), webhookSchema]),
});

export const webhookRowSchema = webhookSchema.pick({ id: true, event: true, url: true });

export const resumeSchema = z.object({
  id,
  createdAt: moment,
  file: z
    .looseObject({ name: text, ext: text, uploadedAt: moment })
    .nullish()
    .transform((file) => file ?? null),
});

export type LeverUser = z.infer<typeof userSchema>;
export type LeverStage = z.infer<typeof stageSchema>;
export type LeverArchiveReason = z.infer<typeof archiveReasonSchema>;
export type LeverPosting = z.infer<typeof postingSchema>;
export type LeverOpportunity = z.infer<typeof opportunitySchema>;
export type LeverOpportunityState = z.infer<typeof opportunityStateSchema>;
export type LeverContact = z.infer<typeof contactSchema>;
export type LeverResume = z.infer<typeof resumeSchema>;

/** Lever Data API docs, Pagination. `hasNext` is absent from some lists, which means that there is no more. */
export const listBodySchema = z.object({
  data: z.array(z.unknown()),
  hasNext: z.boolean().nullish(),
  next: z.string().nullish(),
});

/** One documented example shows an object where a list belongs. */
export const archiveReasonsBodySchema = z.object({
  data: z.union([z.array(z.unknown()), z.looseObject({}).transform((reason): unknown[] => [reason])]),
  hasNext: z.boolean().nullish(),
  next: z.string().nullish(),
});

export const singleBodySchema = z.object({ data: z.looseObject({}) });

export const tokenBodySchema = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).nullish(),
  expires_in: z.coerce.number().positive().nullish().catch(null),
  scope: z.string().nullish().catch(null),
});
