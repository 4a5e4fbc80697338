"""The LoanDesk: asks the catalogue, or decides offline by the library's rules, and writes every act down first."""
