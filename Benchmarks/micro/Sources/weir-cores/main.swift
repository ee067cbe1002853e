// Runs one core a fixed number of times, to be counted by callgrind: weir-cores --list | NAME ITERATIONS
import Cores

let arguments = CommandLine.arguments
if arguments.count == 2, arguments[1] == "--list" {
    for core in Core.all { print(core.name) }
} else if arguments.count == 3, let core = Core.all.first(where: { $0.name == arguments[1] }),
    let iterations = Int(arguments[2])
{
    core.run(iterations)
} else {
    fatalError("usage: weir-cores --list | NAME ITERATIONS")
}
