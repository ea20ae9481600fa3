@main struct Job { static func main() {} }
