import type { Type } from '@nestjs/common';

/*
 * The decorators of `@nestjs/swagger` that describe Keyturn's routes, by the metadata that they write. Written here, so
 * that the routes are described in every document of a host, and a host without `@nestjs/swagger` does not load it. A test
 * compares each with the decorator of that name.
 */

type Options = Readonly<Record<string, unknown>>;

const add = (key: string, more: readonly unknown[], target: object): void =>
  Reflect.defineMetadata(
    key,
    [...((Reflect.getMetadata(key, target) as unknown[] | undefined) ?? []), ...more],
    target,
  );

const merge = (key: string, more: Options, target: object): void =>
  Reflect.defineMetadata(key, { ...(Reflect.getMetadata(key, target) as object | undefined), ...more }, target);

const onMethod =
  (note: (method: object) => void): MethodDecorator =>
  (_prototype, _name, { value }) =>
    note(value as object);

/** Where a schema of ours is found in a document. */
export const schemaPath = (name: string): string => `#/components/schemas/${name}`;

export const ApiOperation = (options: Options): MethodDecorator =>
  onMethod((method) => merge('swagger/apiOperation', { summary: '', ...options }, method));

const parameter = (options: Options): MethodDecorator =>
  onMethod((method) => add('swagger/apiParameters', [options], method));

export const ApiBody = (options: Options): MethodDecorator => parameter({ in: 'body', required: true, ...options });

export const ApiParam = (options: Options): MethodDecorator => parameter({ in: 'path', required: true, ...options });

export const ApiHeader = (options: Options): MethodDecorator => parameter({ in: 'header', ...options });

export const ApiResponse = ({ status, ...options }: Options): MethodDecorator =>
  onMethod((method) => merge('swagger/apiResponse', { [String(status)]: options }, method));

export const ApiOkResponse = (options: Options): MethodDecorator => ApiResponse({ status: 200, ...options });

export const ApiNoContentResponse = (options: Options): MethodDecorator => ApiResponse({ status: 204, ...options });

/** By the scheme `bearer`, which `describeAuth()` and `DocumentBuilder.addBearerAuth()` declare. */
export const ApiBearerAuth = (): MethodDecorator =>
  onMethod((method) => add('swagger/apiSecurity', [{ bearer: [] }], method));

export const ApiExtraModels = (...models: readonly Type[]): MethodDecorator =>
  onMethod((method) => add('swagger/apiExtraModels', models, method));

export const ApiTags =
  (tag: string): ClassDecorator =>
  (target) =>
    add('swagger/apiUseTags', [tag], target);

export const ApiExcludeController = (): ClassDecorator => (target) =>
  add('swagger/apiExcludeController', [true], target);

export const ApiSchema =
  (options: { readonly name: string }): ClassDecorator =>
  (target) =>
    add('swagger/apiSchema', [options], target);

/** A member of a body; `enum` needs its `type`. */
export const ApiProperty =
  (options: Options): PropertyDecorator =>
  (prototype, name) => {
    add('swagger/apiModelPropertiesArray', [`:${String(name)}`], prototype);
    Reflect.defineMetadata('swagger/apiModelProperties', options, prototype, name);
  };
