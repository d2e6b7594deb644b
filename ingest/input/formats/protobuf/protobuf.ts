import { z } from 'zod';
import { UserError } from '../../../../core/index.js';
import {
  flagField,
  jsonField,
  readerOfType,
  readFields,
  readObject,
  requiredText,
  textField,
} from '../../../spec/fields.js';
import { locate } from '../../sources/local-roots.js';
import type { InputEnvironment } from '../../sources/source.js';
import { readFlattenSpec } from '../flatten/flatten-spec.js';
import type { FormatContext, InputFormat } from '../format.js';
import type { MessageSource } from './messages.js';

const ProtobufSpec = z.object({
  flattenSpec: jsonField,
  protoBytesDecoder: jsonField,
  // Ours: many messages in a file, each behind its length.
  delimited: flagField(false),
});

/** Where a descriptor set comes from. */
type DescriptorReader = (json: unknown, field: string) => MessageSource;

/** One line per `protoBytesDecoder`. */
const DECODERS: ReadonlyMap<string, DescriptorReader> = new Map<string, DescriptorReader>([
  ['inline', readInline],
  ['file', readFile],
]);

const NOT_BUILT: ReadonlySet<string> = new Set(['schema_registry']);

/** Protocol Buffers: an entity holds one message, or, `delimited`, many; what reads them is loaded with the first one. */
export function readProtobufFormat(
  json: unknown,
  field: string,
  context: FormatContext,
): InputFormat {
  const { flattenSpec, protoBytesDecoder, delimited } = readFields(ProtobufSpec, json, field);
  const flatten = readFlattenSpec(flattenSpec, `${field}.flattenSpec`, context);
  const path = `${field}.protoBytesDecoder`;
  const decoder = readObject(protoBytesDecoder, path);
  const source = readerOfType(
    'Protobuf decoder',
    decoder,
    path,
    DECODERS,
    NOT_BUILT,
  )(decoder, path);
  return {
    type: 'protobuf',
    read: async function* (entity, environment) {
      const { readMessages } = await import('./messages.js');
      const chunks = readMessages(entity, source, environment, delimited);
      for await (const batch of chunks) yield flatten(batch);
    },
  };
}

const InlineSpec = z.object({ descriptorString: requiredText, protoMessageType: textField(null) });

function readInline(json: unknown, decoder: string): MessageSource {
  const { descriptorString, protoMessageType } = readFields(InlineSpec, json, decoder);
  const field = `${decoder}.descriptorString`;
  if (!/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(descriptorString)) {
    throw new UserError(`${field}: want a descriptor set in base64`, 'spec', field);
  }
  const bytes = new Uint8Array(Buffer.from(descriptorString, 'base64'));
  return { field, typeName: protoMessageType, descriptors: () => bytes };
}

const FileSpec = z.object({ descriptor: requiredText, protoMessageType: textField(null) });

/** A file below the directories that local sources may read, as a path or a `file:` uri. */
function readFile(json: unknown, decoder: string): MessageSource {
  const { descriptor, protoMessageType } = readFields(FileSpec, json, decoder);
  const field = `${decoder}.descriptor`;
  if (/^(?!file:)[a-z][a-z0-9+.-]+:/i.test(descriptor)) {
    throw new UserError(
      `${field}: want a path or a file: uri; give the set inline instead`,
      'spec',
      field,
    );
  }
  const path = descriptor.replace(/^file:(\/\/)?/, '');
  return {
    field,
    typeName: protoMessageType,
    descriptors: ({ disk, localRoots }: InputEnvironment) => {
      const { realPath, exists } = locate(disk, localRoots, path, field);
      if (exists && disk.stat(realPath)?.kind === 'file') return disk.readFile(realPath);
      throw new UserError(
        `${field}: ${JSON.stringify(path)} not found: no such file`,
        'spec',
        field,
      );
    },
  };
}
