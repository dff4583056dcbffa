/** `@elly/ats-integration/testing`: what a plugin author proves a provider with. */
export type { ContractCheck, Subject } from './contract-check.js';
export type { TestRunner } from './describe-ats-provider.js';
export { brokenPromises, contractChecks, describeAtsProvider } from './describe-ats-provider.js';
export type { Exchange, ScriptedAts } from './exchange.js';
export { respondFrom } from './exchange.js';
export type {
  ProviderContextOptions,
  Responder,
  ScriptedAnswer,
  SentRequest,
  TestContext,
} from './provider-context.js';
export { createProviderContext } from './provider-context.js';
export { checkProviderFolder } from './provider-folder.js';
export { readStream } from './read-stream.js';
export type { PaperConfig } from './reference-people.js';
export { referenceProvider } from './reference-provider.js';
export { referenceScenario } from './reference-scenario.js';
export type {
  DeliveryCase,
  ExpectedWrite,
  FieldCase,
  FieldChangeScenario,
  MoveCase,
  ScriptedDelivery,
  StageChangeScenario,
  Standing,
  WebhookScenario,
  WriteCase,
} from './scenario-parts.js';
export type { ExpectedStream, ProviderScenario } from './scenario.js';
export { readScenario } from './scenario.js';
