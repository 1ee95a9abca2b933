/**
 * Compiles the FHIRPath expressions of R4's search parameters to the paths of JSON that they select, such as
 * `name.family:string`: each is the elements, without `[x]`, and the type of the last one. Only what R4 uses is known:
 * paths, unions, brackets, `as` and `ofType`, `where(system='phone')`, `where(resolve() is Patient)`, and
 * `A.exists() and A != false`. Anything else is an error.
 */

const TOKEN = /\s*(?:([A-Za-z]\w*)|('[^']*')|(!=|[().|=]))/y;

function tokensOf(text) {
  const tokens = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const start = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (found === null) throw new Error(`unknown syntax at "${text.slice(start)}"`);
    tokens.push({ text: found[0].trim(), start, end: TOKEN.lastIndex });
  }
  return tokens;
}

/**
 * What is selected so far: the path in JSON, and either the element of the definitions or the choice of types that is
 * still open.
 */
const at = (path, element, types, more = {}) => ({ path, element, types, ...more });

/** A compiler over the definitions of `readElements`. */
export function createCompiler(elements) {
  const typesOf = (element) => elements.get(element)?.types ?? [];

  /** The elements that a step selects in each type that a node may have. */
  function step(node, name) {
    if (node.filter !== undefined) throw new Error(`a step "${name}" after a filter`);
    return narrow(node).flatMap((each) => {
      const [type] = each.types;
      const isInline = type === 'BackboneElement' || type === 'Element' || /^[A-Z]\w*$/.test(each.element);
      const parent = isInline ? (elements.get(each.element)?.contentReference ?? each.element) : type;
      const element = `${parent}.${name}`;
      const path = each.path === '' ? name : `${each.path}.${name}`;
      if (elements.has(element)) return [at(path, element, typesOf(element))];
      if (elements.has(`${element}[x]`))
        return [at(path, `${element}[x]`, typesOf(`${element}[x]`), { open: true })];
      return [];
    });
  }

  /** The possible types of a choice as nodes of their own: `value` is `valueQuantity`, `valueString` and so on. */
  function narrow(node) {
    if (node.open !== true) return [node];
    return node.types.map((type) =>
      at(`${node.path}${type[0].toUpperCase()}${type.slice(1)}`, node.element, [type]),
    );
  }

  function ofType(node, name) {
    // R4 writes DateTime for dateTime in one place.
    const isNamed = (type) => type === name || (type === 'dateTime' && name === 'DateTime');
    const found = narrow(node).filter(({ types: [type] }) => isNamed(type));
    if (found.length === 0) throw new Error(`${node.element} is no ${name}`);
    return found;
  }

  /** One expression in the context of a node; a node without an element is the resource. */
  return function compile(text, type, context = undefined) {
    const tokens = tokensOf(text);
    let position = 0;
    const peek = () => tokens[position]?.text;
    const take = (expected) => {
      const token = peek();
      if (token === undefined || (expected !== undefined && token !== expected)) {
        throw new Error(`expected ${expected ?? 'more'} at "${token ?? 'the end'}"`);
      }
      position += 1;
      return token;
    };

    function union() {
      const members = [];
      for (;;) {
        const start = tokens[position]?.start ?? 0;
        const nodes = path();
        members.push({ nodes, text: text.slice(start, tokens[position - 1].end).trim() });
        if (peek() !== '|') return members;
        take('|');
      }
    }

    function path() {
      let nodes = first();
      for (;;) {
        if (peek() === 'as') {
          take('as');
          const name = take();
          nodes = nodes.flatMap((node) => ofType(node, name));
        } else if (peek() === '.') {
          take('.');
          nodes = postfix(nodes, take());
        } else {
          return nodes;
        }
      }
    }

    function first() {
      if (peek() === '(') {
        take('(');
        const nodes = union().flatMap((member) => member.nodes);
        take(')');
        return nodes;
      }
      const name = take();
      if (context !== undefined) return stepAll([context], name);
      // A member of the union that is about another type selects nothing here.
      return name === type || name === 'Resource' || name === 'DomainResource' ? [at('', type, [type])] : [];
    }

    function stepAll(nodes, name) {
      const found = nodes.flatMap((node) => step(node, name));
      if (nodes.length > 0 && found.length === 0)
        throw new Error(`no element ${name} in ${nodes[0].element}`);
      return found;
    }

    function postfix(nodes, name) {
      if (peek() !== '(') return stepAll(nodes, name);
      take('(');
      const result = call(nodes, name);
      take(')');
      return result;
    }

    function call(nodes, name) {
      if (name === 'ofType' || name === 'as') {
        const wanted = take();
        return nodes.flatMap((node) => ofType(node, wanted));
      }
      if (name === 'where') {
        const filter = condition();
        return nodes.flatMap(narrow).map((node) => ({ ...node, filter }));
      }
      throw new Error(`unknown function ${name}()`);
    }

    function condition() {
      const name = take();
      if (name === 'resolve') {
        ['(', ')', 'is'].forEach(take);
        return take();
      }
      take('=');
      return `${name}=${take().slice(1, -1)}`;
    }

    const members = union();
    if (position < tokens.length)
      throw new Error(`unknown syntax at "${text.slice(tokens[position].start)}"`);
    const selecting = members.filter(({ nodes }) => nodes.length > 0);
    return {
      expression: selecting.map((member) => member.text).join(' | '),
      nodes: selecting.flatMap(({ nodes }) => nodes.flatMap(narrow)),
    };
  };
}

/** A path as the table holds it: `subject[Patient]:Reference`, `telecom[system=phone]:ContactPoint`. */
export const printPath = ({ path, types: [type], filter }) =>
  `${path}${filter === undefined ? '' : `[${filter}]`}:${type}`;

/** The elements of types and resources by path, `Observation.value[x]`: their types and what they may refer to. */
export function readElements(bundles) {
  const elements = new Map();
  for (const { resource } of bundles.flatMap((bundle) => bundle.entry)) {
    if (resource.resourceType !== 'StructureDefinition') continue;
    for (const { path, type = [], contentReference } of resource.snapshot.element) {
      elements.set(path, {
        types: type.map(({ code, extension }) =>
          code.startsWith('http://hl7.org/fhirpath/') ? (extension?.[0]?.valueUrl ?? 'string') : code,
        ),
        targets: type.flatMap(({ targetProfile = [] }) => targetProfile.map((url) => url.split('/').at(-1))),
        contentReference: contentReference?.slice(1),
      });
    }
  }
  return elements;
}
