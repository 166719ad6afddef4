"""What a task can come to: tables by sentence, shared by the tests of the plan and of its reasons."""
