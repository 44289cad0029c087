/** Examples for the OpenAPI document, made from its schemas. */
import type { Schema } from './api-document.js';

/** Values that say more than "text". */
const byName: Readonly<Record<string, string>> = {
  ...{ email: 'ann@example.com', address: 'ann@example.com', emailAddress: 'ann@example.com' },
  ...{
    subscriberIdString: 'ann@example.com',
    phone: '+4790000001',
    explanation: 'She asked for it by phone.',
  },
  ...{ url: 'https://shop.example.com/webhooks', name: 'Shop' },
  ...{ accent: '#2f5d50', senderAddress: 'news@example.com', postalAddress: 'Storgata 1, 0155 Oslo' },
  privacyPolicyUrl: 'https://shop.example.com/privacy',
  ...{ firstName: 'Ann', lastName: 'Berg', language: 'en' },
};

/**
 * A value that the schema accepts: the required fields of an object; without any, those that `byName` knows.
 * @param schemas the named ones
 * @param name of the field or parameter
 */
export function exampleFor(given: Schema | boolean, schemas: Record<string, Schema>, name = ''): unknown {
  if (typeof given === 'boolean') return 'text';
  const schema = given.$ref ? (schemas[given.$ref.split('/').at(-1) ?? ''] ?? {}) : given;
  const [said] = Array.isArray(schema.examples) ? schema.examples : [];
  if (said !== undefined) return said;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const [choice] = schema.anyOf ?? schema.oneOf ?? schema.allOf ?? [];
  if (choice !== undefined) return exampleFor(choice, schemas, name);
  switch ([schema.type ?? ''].flat()[0]) {
    case 'object': {
      const { properties = {}, required = [] } = schema;
      const shown = required.length > 0 ? required : Object.keys(properties).filter((one) => one in byName);
      return Object.fromEntries(shown.map((one) => [one, exampleFor(properties[one] ?? true, schemas, one)]));
    }
    case 'array': {
      const { items } = schema;
      return items && !Array.isArray(items) ? [exampleFor(items, schemas, singular(name))] : [];
    }
    case 'integer':
    case 'number':
      return Math.max(1, schema.minimum ?? 1);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return schema.format === 'date-time' ? '2026-01-31T09:00:00Z' : (byName[name] ?? '1');
  }
}

function singular(name: string): string {
  return name.replace(/(ss|s)$/, (ending) => (ending === 'ss' ? 'ss' : ''));
}
