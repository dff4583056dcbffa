/** `@elly/ats-integration/testing`: what a plugin author proves a provider with. */
export type { ContractCheck, Subject } from './contract-check.js';
export type { TestRunner } from './describe-ats-provider.js';
export { brokenPromises, contractChecks, describeAtsProvider } from './describe-ats-provider.js';
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
export type { PaperConfig } from './reference-provider.js';
export { referenceProvider, referenceScenario } from './reference-provider.js';
export type { Exchange, ExpectedStream, ProviderScenario } from './scenario.js';
export { readScenario, respondFrom } from './scenario.js';
