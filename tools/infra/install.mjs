/**
 * `npm run infra:tools`: puts the official Bicep compiler into .bicep/, restored as a NuGet package by the dotnet of this
 * machine. Without dotnet, a feed that serves the package or an answer in time it says so and leaves with 0: the checks
 * then do without (docs/reference/infrastructure.md).
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const version = '0.49.2';
const systems = { linux: 'linux', darwin: 'osx', win32: 'win' };
const system = `${systems[process.platform] ?? process.platform}-${process.arch}`;
const folder = join(import.meta.dirname, '..', '..', '.bicep');
const target = join(folder, process.platform === 'win32' ? 'bicep.exe' : 'bicep');
const id = `Azure.Bicep.CommandLine.${system}`;

const project = `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net8.0</TargetFramework>
    <RestorePackagesPath>${join(folder, 'packages')}</RestorePackagesPath>
    <DisableImplicitFrameworkReferences>true</DisableImplicitFrameworkReferences>
  </PropertyGroup>
  <ItemGroup><PackageReference Include="${id}" Version="[${version}]" /></ItemGroup>
</Project>
`;

const versionOf = () => spawnSync(target, ['--version'], { encoding: 'utf8' }).stdout ?? '';

function install() {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'compiler.csproj');
  writeFileSync(file, project);
  const { status, error } = spawnSync('dotnet', ['restore', file, '--verbosity', 'quiet', '--nologo'], {
    stdio: ['ignore', 'ignore', 'ignore'],
    timeout: 90_000,
    env: { ...process.env, DOTNET_CLI_TELEMETRY_OPTOUT: '1', DOTNET_NOLOGO: '1' },
  });
  if (error !== undefined || status !== 0)
    return `dotnet restored no ${id} (${error?.code ?? `exit ${status}`})`;
  const binary = process.platform === 'win32' ? 'bicep.exe' : 'bicep';
  copyFileSync(join(folder, 'packages', id.toLowerCase(), version, 'tools', binary), target);
  chmodSync(target, 0o755);
  rmSync(join(folder, 'packages'), { recursive: true });
  rmSync(join(folder, 'obj'), { recursive: true, force: true });
  return versionOf().includes(version) ? undefined : 'the compiler does not start';
}

const problem = versionOf().includes(version) ? undefined : install();
if (problem !== undefined) rmSync(target, { force: true });
console.log(problem === undefined ? `Bicep ${version} in .bicep/` : `No Bicep compiler: ${problem}`);
