using System.Reflection;
using BootProtocol.Fuzz;
using BootProtocol.Testing;

// The program loads itself a second time, beside instrumented copies of the libraries: see Session for what it does then.
var context = new InstrumentedContext("BootProtocol", "BootProtocol.Specs");
Assembly instrumented = context.LoadFromAssemblyPath(typeof(Session).Assembly.Location);
MethodInfo run = instrumented.GetType(typeof(Session).FullName!)!.GetMethod(nameof(Session.Run))!;
return (int)run.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [args], null)!;
