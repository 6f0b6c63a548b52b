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

export const ApiAcceptedResponse = (options: Options): MethodDecorator => ApiResponse({ status: 202, ...options });

export const ApiServiceUnavailableResponse = (options: Options): MethodDecorator =>
  ApiResponse({ status: 503, ...options });

export const ApiNoContentResponse = (options: Options): MethodDecorator => ApiResponse({ status: 204, ...options });

export const ApiProduces = (...types: readonly string[]): MethodDecorator =>
  onMethod((method) => add('swagger/apiProduces', types, method));

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

const MEMBERS = 'swagger/apiModelPropertiesArray';
const MEMBER = 'swagger/apiModelProperties';

const membersOf = (prototype: object): readonly string[] =>
  (Reflect.getMetadata(MEMBERS, prototype) as readonly string[] | undefined) ?? [];

/** A member of a body; `enum` needs its `type`. The one above another adds to what that says. */
export const ApiProperty =
  (options: Options): PropertyDecorator =>
  (prototype, name) => {
    const member = `:${String(name)}`;
    if (!membersOf(prototype).includes(member)) add(MEMBERS, [member], prototype);
    const said = Reflect.getMetadata(MEMBER, prototype, name) as Options | undefined;
    Reflect.defineMetadata(MEMBER, { ...said, ...options }, prototype, name);
  };

/** A class with the members of another, of which none must be there. */
export function PartialType<Body>(type: Type<Body>): Type<Partial<Body>> {
  abstract class Optional extends (type as Type<object>) {}
  for (const member of membersOf(type.prototype as object)) {
    ApiProperty({ required: false })(Optional.prototype, member.slice(1));
  }
  return Optional as unknown as Type<Partial<Body>>;
}
