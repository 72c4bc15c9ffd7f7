import {
  ATTR_BOT_ID,
  ATTR_BOT_PLATFORM,
  type AttributeMap,
  type AttributeValue,
  eventDefinition,
} from '@botaudit/record';
import { masked } from './detectors/detector.js';
import { masker } from './detectors/index.js';
import { isNamedPhone } from './detectors/phone.js';
import type { Encryption } from './encryption.js';
import { allowedActions, BODY, type FieldAction, type FieldActions } from './field-action.js';
import { FieldRules, type Place } from './field-rules.js';
import type { Pseudonyms } from './pseudonyms.js';

/** What is done beyond the removal of secrets, where a configuration asks for it. */
export interface PrivacyOptions {
  /** Kinds that are looked for in texts. */
  readonly detect: readonly string[];
  /** For all events; a rule of the policy may say more. */
  readonly fields: FieldActions;
  /** `undefined`: there is no key, and what should have a pseudonym is masked. */
  readonly pseudonyms: Pseudonyms | undefined;
  /** `undefined`: there is nobody to encrypt to, and what should be encrypted is masked. */
  readonly encryption: Encryption | undefined;
}

/** What is done with one attribute of every record. */
interface Plan {
  readonly name: string;
  readonly place: Place;
  readonly hasParts: boolean;
  /** Ids, hashes and what else a record is found and proven by stay, whatever they look like. */
  readonly isFree: boolean;
}

/** What is done with the fields of an event, by what its policy's rule says. */
interface Plans {
  readonly attributes: Map<string, Plan>;
  readonly rules: FieldRules;
  readonly body: Place;
}

/** What the values of one record share. */
interface OneRecord {
  readonly platform: string | undefined;
  /** A bot is no person. */
  readonly bot: AttributeValue | undefined;
  encrypt?: (value: AttributeValue) => string;
}

/** Names of attributes are few; a program that makes them up must not fill the memory. */
const MAX_NAMES = 2_000;
/** Numbers below can't be those of a card. */
const LONG_NUMBER = 1e11;
const NOTHING_MORE: FieldActions = {};

/** Masks, drops, pseudonymises and encrypts fields of records, before they are sealed. */
export class Privacy {
  readonly #options: PrivacyOptions;
  readonly #mask: ((text: string) => string) | undefined;
  readonly #namesPhones: boolean;
  readonly #plans = new WeakMap<FieldActions, Plans>();

  constructor(options: PrivacyOptions) {
    this.#options = options;
    this.#mask = options.detect.length > 0 ? masker(options.detect) : undefined;
    this.#namesPhones = options.detect.includes('phone');
  }

  /**
   * Changes a record's attributes, which nobody else holds, and returns the body as it may be recorded. What auditing tells of itself stays as it is: it is
   * what a journal is verified by.
   *
   * @param own what the rule of the policy that decides on the event says of fields.
   */
  apply(
    event: string,
    attributes: AttributeMap,
    body: AttributeMap | undefined,
    own = NOTHING_MORE,
  ): AttributeMap | undefined {
    if (eventDefinition(event)?.direction === 'audit') return body;
    const plans = this.#plansFor(own);
    const platform = attributes[ATTR_BOT_PLATFORM];
    const record = {
      platform: typeof platform === 'string' ? platform : undefined,
      bot: attributes[ATTR_BOT_ID],
    };
    for (const name of Object.keys(attributes)) {
      const plan = plans.attributes.get(name) ?? this.#plan(plans, name);
      if (!plan.isFree && plan.place.action === undefined) continue;
      const value = attributes[name] as AttributeValue;
      const kept = this.#field(value, name, plan, record);
      if (kept === value && plan.name === name) continue;
      if (kept === undefined || plan.name !== name) delete attributes[name];
      if (kept !== undefined) attributes[plan.name] = kept;
    }
    return body && (this.#mask || plans.body.nodes.length > 0) ? this.#map(body, plans.body, record) : body;
  }

  #plansFor(own: FieldActions): Plans {
    const known = this.#plans.get(own);
    if (known) return known;
    const rules = new FieldRules(this.#options.fields, own);
    const plans = { attributes: new Map(), rules, body: FieldRules.member(rules.root, BODY) };
    this.#plans.set(own, plans);
    return plans;
  }

  #plan({ attributes, rules }: Plans, name: string): Plan {
    if (attributes.size >= MAX_NAMES) attributes.clear();
    const allowed = allowedActions(name);
    const isFree = allowed.includes('drop');
    const place = name.split('.').reduce(FieldRules.member, rules.root);
    const plan: Plan = {
      name: isFree ? (this.#mask?.(name) ?? name) : name,
      // What can't be done with it is not done.
      place: place.action && allowed.includes(place.action) ? place : { ...place, action: undefined },
      hasParts: isFree && FieldRules.hasParts(place),
      isFree,
    };
    attributes.set(name, plan);
    return plan;
  }

  #field(value: AttributeValue, name: string, { place, hasParts, isFree }: Plan, record: OneRecord) {
    if (hasParts && typeof value === 'object') return this.#value(value, name, place, record);
    if (place.action !== undefined) return this.#act(value, place.action, record);
    return isFree ? this.#detected(value, name) : value;
  }

  /** @returns `undefined` for what is dropped. */
  #value(value: AttributeValue, name: string, place: Place, record: OneRecord): AttributeValue | undefined {
    if (typeof value === 'object' && FieldRules.hasParts(place)) {
      const kept = Array.isArray(value) ? this.#list(value, name, place, record) : this.#map(value, place, record);
      return place.action === 'drop' && isEmpty(kept) ? undefined : kept;
    }
    return place.action === undefined ? this.#detected(value, name) : this.#act(value, place.action, record);
  }

  #list(values: readonly AttributeValue[], name: string, place: Place, record: OneRecord): AttributeValue[] {
    return values.flatMap((value, index) => {
      const kept = this.#value(value, name, FieldRules.member(place, String(index)), record);
      return kept === undefined ? [] : [kept as AttributeValue];
    });
  }

  #map(map: AttributeMap, place: Place, record: OneRecord): AttributeMap {
    const result: AttributeMap = {};
    for (const name of Object.keys(map)) {
      const kept = this.#value(map[name] as AttributeValue, name, FieldRules.member(place, name), record);
      if (kept !== undefined) result[this.#freeName(name, result)] = kept;
    }
    return result;
  }

  #act(value: AttributeValue, action: FieldAction, record: OneRecord): AttributeValue | undefined {
    switch (action) {
      case 'keep':
        return value;
      case 'drop':
        return undefined;
      case 'mask':
        return masked('field');
      case 'pseudonym':
        return this.#pseudonym(value, record);
      case 'encrypt':
        return this.#encrypted(value, record);
    }
  }

  /** Every id in it gets its own. */
  #pseudonym(value: AttributeValue, record: OneRecord): AttributeValue {
    const { pseudonyms } = this.#options;
    if (Array.isArray(value)) return value.map((member) => this.#pseudonym(member, record));
    if (typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, this.#pseudonym(member, record)]));
    }
    if (typeof value === 'boolean' || pseudonyms === undefined) return masked('field');
    return value === record.bot ? value : pseudonyms.of(String(value), record.platform);
  }

  #encrypted(value: AttributeValue, record: OneRecord): AttributeValue {
    const { encryption } = this.#options;
    if (!encryption) return masked('field');
    record.encrypt ??= encryption.begin();
    return record.encrypt(value);
  }

  /** What is found in texts and numbers, and in names of members, is masked. */
  #detected(value: AttributeValue, name: string): AttributeValue {
    const mask = this.#mask;
    if (!mask || typeof value === 'boolean') return value;
    if (typeof value === 'object') {
      if (Array.isArray(value)) return value.map((member) => this.#detected(member, name));
      const result: AttributeMap = {};
      for (const key of Object.keys(value)) {
        result[this.#freeName(key, result)] = this.#detected(value[key] as AttributeValue, key);
      }
      return result;
    }
    if (this.#namesPhones && isNamedPhone(name, String(value))) return masked('phone');
    if (typeof value === 'string') return mask(value);
    if (value < LONG_NUMBER || !Number.isInteger(value)) return value;
    const text = String(value);
    const kept = mask(text);
    return kept === text ? value : kept;
  }

  /** The name of a member, masked as a text is; two that become the same stay two. */
  #freeName(name: string, taken: AttributeMap): string {
    const kept = this.#mask?.(name) ?? name;
    if (kept === name) return name;
    for (let count = 1; ; count++) {
      const free = count === 1 ? kept : `${kept}#${count}`;
      if (!Object.hasOwn(taken, free)) return free;
    }
  }
}

function isEmpty(value: AttributeMap | AttributeValue[]): boolean {
  return Object.keys(value).length === 0;
}
