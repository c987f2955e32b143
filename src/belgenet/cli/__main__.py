from belgenet.cli import main

main()
