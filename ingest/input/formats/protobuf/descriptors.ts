import protobuf, { type Root, type Type } from 'protobufjs';
import 'protobufjs/ext/descriptor.js';
import { UserError } from '../../../../core/index.js';

/**
 * The type of messages in a descriptor set, as `protoc --include_imports --descriptor_set_out` writes it. A null name stands for the
 * first message of the last file. Throws UserError naming `field` for a set that is none, or has no such type.
 */
export function messageType(bytes: Uint8Array, name: string | null, field: string): Type {
  const fail = (why: string) => new UserError(`${field}: ${why}`, 'spec', field);
  const root = rootOf(bytes, fail);
  const types = messagesOf(root);
  const found =
    name === null
      ? types.at(0)
      : types.find((type) => type.fullName === `.${name}` || type.name === name);
  if (found !== undefined) return found;
  const known = types.map((type) => type.fullName.slice(1)).slice(0, 20);
  throw fail(
    `there is no message ${JSON.stringify(name)}; there are ${known.join(', ') || 'none'}`,
  );
}

function rootOf(bytes: Uint8Array, fail: (why: string) => UserError): Root {
  try {
    const root = protobuf.Root.fromDescriptor(bytes);
    root.resolveAll();
    return root;
  } catch (error) {
    throw fail(`not a descriptor set that can be read: ${(error as Error).message}`);
  }
}

/** All messages but those of Google's own package, in the order of the files. */
function messagesOf(root: Root): Type[] {
  const found: Type[] = [];
  const visit = (parent: protobuf.NamespaceBase): void => {
    for (const nested of parent.nestedArray) {
      if (nested instanceof protobuf.Type && !nested.fullName.startsWith('.google.protobuf.')) {
        found.push(nested);
      }
      if (nested instanceof protobuf.Namespace) visit(nested);
    }
  };
  visit(root);
  return found;
}
